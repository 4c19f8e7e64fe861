"""Judge the quality of passing code: scores by another model, and counts that need no model."""
