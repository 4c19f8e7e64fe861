"""Power and rejection regions of the exact test that the analysis makes."""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product

from harness.exact_test import Stratum, convolved, greater_tails, support, table_counts, two_sided_tails
from sweeps.schema import Side

MOST_STEPS = 1_000_000
"""Largest enumeration, in tables times sums; about one second."""


def power(strata: Sequence[Stratum], rates: tuple[float, float], alpha: float, side: Side) -> float | None:
    """Return the power at true rates; None if it takes too long to compute."""
    steps = math.prod(a + b + 1 for a, b in strata) * (sum(min(stratum) for stratum in strata) + 1)
    if steps > MOST_STEPS:
        return None
    chance = 0.0
    for completed in product(*(range(a + b + 1) for a, b in strata)):
        counts = table_counts(strata, completed)
        margins = zip(strata, completed, strict=True)
        chances = convolved([_chances(stratum, total, rates) for stratum, total in margins])
        chance += sum(chances[place] for place in _rejected(counts, alpha, side))
    return min(1.0, chance)


@lru_cache(maxsize=100_000)
def rejected(strata: tuple[Stratum, ...], completed: tuple[int, ...], alpha: float, side: Side) -> frozenset[int]:
    """Return the rejection region given the completions of each stratum.

    Its elements are completions of the arm summed over the strata, each counted from its least possible value."""
    return frozenset(_rejected(table_counts(strata, completed), alpha, side))


def _chances(stratum: Stratum, completed: int, rates: tuple[float, float]) -> list[float]:
    (a, b), (rate_a, rate_b) = stratum, rates
    return [_binomial(a, completed - in_b, rate_a) * _binomial(b, in_b, rate_b) for in_b in support(stratum, completed)]


def _binomial(n: int, k: int, rate: float) -> float:
    return math.comb(n, k) * rate**k * (1 - rate) ** (n - k)


def _rejected(counts: Sequence[int], alpha: float, side: Side) -> Iterator[int]:
    """Yield the indices of the sums in the rejection region."""
    allowed = alpha * sum(counts)
    yield from (place for place, tail in enumerate(_tails(counts, side)) if tail <= allowed)


def _tails(counts: Sequence[int], side: Side) -> list[int]:
    if side is Side.two:
        return two_sided_tails(counts)
    return greater_tails(counts) if side is Side.greater else greater_tails(counts[::-1])[::-1]
