"""Generated reference pages of docs/: `python -m sweeps.reference [--check]`."""
