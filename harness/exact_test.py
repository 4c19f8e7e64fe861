"""The exact conditional test of two arms, in whole numbers: Fisher's over one stratum, Mantel–Haenszel's over several.

Given the completions of each stratum, every table with these margins is counted. Planning uses this enumeration. The
analysis repeats it in floating point, for wide supports, under the same rules (`support`, `tail_limit`); tests hold
both to the same numbers. So a planned test rejects exactly where the analysis rejects.
"""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, TypeVar

Number = TypeVar("Number", int, float)
Array = TypeVar("Array", bound=Any)

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


def two_sided_tails(counts: Sequence[int]) -> list[int]:
    """Return, for each sum, the number of tables whose sum is no likelier than this one.

    Divided by the total, these are the two-sided p values (Fisher's rule, by probability)."""
    ordered = sorted(Counter(counts).items())
    tails = accumulate(count * times for count, times in ordered)
    by_count = {count: tail for (count, _), tail in zip(ordered, tails, strict=True)}
    return [by_count[count] for count in counts]


def greater_tails(counts: Sequence[int]) -> list[int]:
    """Return, for each sum, the number of tables whose sum is at least as large: the one-sided p, times the total."""
    return [*accumulate(reversed(counts))][::-1]


def tail_limit(probability: Array) -> Array:
    """Return the probability up to which a sum belongs to the two-sided tail of one with this probability.

    For floating point: it may be an array, and allows for `TIE`."""
    limit: Array = probability * (1 + TIE)
    return limit


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
