"""The subject's hands: six tools, and nothing else."""
