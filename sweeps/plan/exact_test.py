"""Power and rejection regions of the exact tests, in whole numbers, without any library.

The test is the one that the analysis makes: Fisher's, and over several strata the exact Mantel–Haenszel test, given
how many runs of each stratum completed.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from typing import TypeVar

from sweeps.schema import Side

Number = TypeVar("Number", int, float)

Stratum = tuple[int, int]
"""Runs of the baseline, and of the arm against it, that agree in all other factors."""

MOST_STEPS = 1_000_000
"""Largest enumeration, in tables times sums; about one second."""


def smallest_p(strata: Sequence[Stratum], side: Side) -> float:
    """Return the smallest p that the test can reach: all runs complete in one arm, and none in the other."""
    ways = sum(math.lgamma(a + b + 1) - math.lgamma(a + 1) - math.lgamma(b + 1) for a, b in strata)
    # In arms of one size both extremes are equally likely, and a two-sided test counts both.
    both = 2 if side is Side.two and all(a == b for a, b in strata) else 1
    return min(1.0, both * math.exp(-ways))


def power(strata: Sequence[Stratum], rates: tuple[float, float], alpha: float, side: Side) -> float | None:
    """Return the power at true rates; None if it takes too long to compute."""
    steps = math.prod(a + b + 1 for a, b in strata) * (sum(min(stratum) for stratum in strata) + 1)
    if steps > MOST_STEPS:
        return None
    chance = 0.0
    for completed in product(*(range(a + b + 1) for a, b in strata)):
        given = list(zip(strata, completed, strict=True))
        ways = _convolved([_ways(stratum, total) for stratum, total in given])
        likely = _convolved([_chances(stratum, total, rates) for stratum, total in given])
        chance += sum(likely[place] for place in _rejected(ways, alpha, side))
    return min(1.0, chance)


@lru_cache(maxsize=100_000)
def rejected(strata: tuple[Stratum, ...], completed: tuple[int, ...], alpha: float, side: Side) -> frozenset[int]:
    """Return the rejection region given the completions of each stratum.

    Its elements are completions of the arm summed over the strata, each counted from its least possible value."""
    return frozenset(
        _rejected(_convolved([_ways(*given) for given in zip(strata, completed, strict=True)]), alpha, side)
    )


def support(stratum: Stratum, completed: int) -> range:
    """Return the possible completions of the arm, given those of the stratum."""
    a, b = stratum
    return range(max(0, completed - a), min(b, completed) + 1)


def _ways(stratum: Stratum, completed: int) -> list[int]:
    a, b = stratum
    return [math.comb(b, in_b) * math.comb(a, completed - in_b) for in_b in support(stratum, completed)]


def _chances(stratum: Stratum, completed: int, rates: tuple[float, float]) -> list[float]:
    (a, b), (rate_a, rate_b) = stratum, rates
    return [_binomial(a, completed - in_b, rate_a) * _binomial(b, in_b, rate_b) for in_b in support(stratum, completed)]


def _binomial(n: int, k: int, rate: float) -> float:
    return math.comb(n, k) * rate**k * (1 - rate) ** (n - k)


def _rejected(ways: Sequence[int], alpha: float, side: Side) -> Iterator[int]:
    """Yield the indices of the sums in the rejection region."""
    allowed = alpha * sum(ways)
    if side is Side.two:
        running, smallest = 0, 0
        for count, times in sorted(Counter(ways).items()):
            running += count * times
            smallest = count if running <= allowed else smallest
        yield from (place for place, count in enumerate(ways) if count <= smallest)
    else:
        places = range(len(ways) - 1, -1, -1) if side is Side.greater else range(len(ways))
        running = 0
        for place in places:
            running += ways[place]
            if running > allowed:
                return
            yield place


def _convolved(parts: Sequence[Sequence[Number]]) -> list[Number]:
    """Convolve the counts, or probabilities, of the strata into those of their sum."""
    whole: list[Number] = list(parts[0])
    for part in parts[1:]:
        longer: list[Number] = [part[0] * 0] * (len(whole) + len(part) - 1)
        for i, x in enumerate(whole):
            for j, y in enumerate(part):
                longer[i + j] += x * y
        whole = longer
    return whole
