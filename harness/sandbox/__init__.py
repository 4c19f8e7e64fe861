"""Commands that may run the model's code: bounded, alone, and without secrets."""
