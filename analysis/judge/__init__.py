"""The judge: how good code is that passes, asked of another model, beside counts that need no model at all."""
