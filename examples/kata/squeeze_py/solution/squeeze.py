"""Shorter texts."""

from itertools import groupby


def squeeze(text: str) -> str:
    """Replace each run of a letter by the letter and the length of the run."""
    return "".join(f"{letter}{len(list(run))}" for letter, run in groupby(text))
