"""A test that stopped early because what was left could not change its verdict."""

import math
from collections.abc import Sequence
from itertools import product

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import ConditionalDistribution, TooLargeError, mantel_haenszel

MOST_TABLES = 5_000
"""Tables that the runs left can make, beyond which they are not gone through."""

Left = tuple[int, int]
"""Runs of A and of B that were planned and not made."""


def sided(strata: Sequence[TwoArms], side: str) -> float:
    """The exact value on a declared side: `two`, `greater` (B completes more often) or `less`."""
    looked_at = [arms.swapped() for arms in strata] if side == "less" else strata
    try:
        p = ConditionalDistribution.of(looked_at).p_values()
    except TooLargeError:
        p = mantel_haenszel(looked_at)
    return p.two_sided if side == "two" else p.greater


def largest_p(strata: Sequence[TwoArms], left: Sequence[Left], side: str) -> float | None:
    """The largest value that the whole test can come to, whatever the runs left do; None of too many tables.

    It is never below the value that the whole test would have had, and so keeps its level whenever the test stops
    (curtailment: Jennison and Turnbull, Group Sequential Methods, 2000, chapter 10).
    """
    if math.prod((a + 1) * (b + 1) for a, b in left) > MOST_TABLES:
        return None
    tables = [
        [
            TwoArms(arms.k_a + a, arms.n_a + more_a, arms.k_b + b, arms.n_b + more_b)
            for a, b in _completed(more_a, more_b)
        ]
        for arms, (more_a, more_b) in zip(strata, left, strict=True)
    ]
    return max(sided(table, side) for table in product(*tables))


def _completed(more_a: int, more_b: int) -> list[tuple[int, int]]:
    return [(a, b) for a in range(more_a + 1) for b in range(more_b + 1)]
