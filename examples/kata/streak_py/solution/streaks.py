"""Runs of characters."""

from itertools import groupby


def longest(text: str) -> int:
    """Return the length of the longest run of one character."""
    return max((len(list(run)) for _, run in groupby(text)), default=0)
