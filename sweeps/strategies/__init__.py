"""Decide which runs of a plan are made next: all of them, sequential contrasts, or a threshold search."""
