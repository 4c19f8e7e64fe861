"""Judge the quality of passing code: scores by another model, and counts that need no model."""

HELP = "Code quality, judged head to head by another model."
"""Help of its commands, for a page that lists them without loading them."""
