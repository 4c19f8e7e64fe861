"""Compare arms: contrasts of pooled runs, and those that a sweep declared."""
