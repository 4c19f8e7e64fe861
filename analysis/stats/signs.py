"""The sign test: whether differences lean to one side. It asks only for their order, so it suits ordinal scores."""

from collections.abc import Sequence
from math import comb
from typing import NamedTuple

LEAST = 6
"""Untied differences below which no outcome can reach .05 two-sided, so that none is tested."""
TIE = 1e-9


class Signs(NamedTuple):
    """Counts of differences above, below and at zero."""

    above: int
    below: int
    tied: int

    @property
    def p(self) -> float | None:
        """Two-sided exact binomial value, ties left out; None below `LEAST` untied differences."""
        n = self.above + self.below
        if n < LEAST:
            return None
        tail = sum(comb(n, k) for k in range(min(self.above, self.below) + 1))
        # Whole numbers are divided as such, however large they are.
        return min(1.0, (tail << 1) / (1 << n))


def signs(differences: Sequence[float]) -> Signs:
    """Counts; differences within rounding of a float are ties."""
    above, below = (sum(sign * one > TIE for one in differences) for sign in (1, -1))
    return Signs(above, below, len(differences) - above - below)
