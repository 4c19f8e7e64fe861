"""The exact conditional test of two arms, in whole numbers: Fisher's over one stratum, Mantel–Haenszel's over several.

Given the completions of each stratum, every table with these margins is counted. Planning and analysis share this
enumeration, so a design is rejected before its runs exactly where the analysis would reject it after them.
"""

import math
from collections.abc import Sequence
from typing import TypeVar

Number = TypeVar("Number", int, float)

Stratum = tuple[int, int]
"""Runs of the baseline, and of the arm against it, that agree in all other factors."""

TIE = 1e-7
"""Relative slack within which two probabilities in floating point are equal, as in R and SciPy.

Whole numbers need none."""


def support(stratum: Stratum, completed: int) -> range:
    """Return the possible completions of the arm, given those of the stratum."""
    a, b = stratum
    return range(max(0, completed - a), min(b, completed) + 1)


def table_counts(strata: Sequence[Stratum], completed: Sequence[int]) -> list[int]:
    """Return the number of tables for each possible sum of the arm's completions, least sum first.

    Divided by their total, these are the probabilities under the null hypothesis, given the completions of each
    stratum."""
    return convolved([_ways(*margins) for margins in zip(strata, completed, strict=True)])


def smallest_p(strata: Sequence[Stratum], *, two_sided: bool = True) -> float:
    """Return the smallest p that the test can reach: all runs complete in one arm, and none in the other."""
    ways = sum(math.lgamma(a + b + 1) - math.lgamma(a + 1) - math.lgamma(b + 1) for a, b in strata)
    # In arms of one size both extremes are equally likely, and a two-sided test counts both.
    both = 2 if two_sided and all(a == b for a, b in strata) else 1
    return min(1.0, both * math.exp(-ways))


def convolved(parts: Sequence[Sequence[Number]]) -> list[Number]:
    """Return the counts, or probabilities, of a sum over strata from those of each stratum."""
    whole: list[Number] = list(parts[0])
    for part in parts[1:]:
        longer: list[Number] = [part[0] * 0] * (len(whole) + len(part) - 1)
        for i, x in enumerate(whole):
            for j, y in enumerate(part):
                longer[i + j] += x * y
        whole = longer
    return whole


def _ways(stratum: Stratum, completed: int) -> list[int]:
    a, b = stratum
    return [math.comb(b, in_b) * math.comb(a, completed - in_b) for in_b in support(stratum, completed)]
