"""The published study as data: every arm, run, test and judgment that it printed, recomputed and questioned by rule."""
