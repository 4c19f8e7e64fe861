"""Tests that stopped early: the value that is given covers whatever the runs left would have done."""

import random
from itertools import product

import pytest
from scipy.stats import fisher_exact

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import ConditionalDistribution, mantel_haenszel
from analysis.stats.curtailed import MOST_TABLES, largest_p, sided

SIDES = {"two": "two-sided", "greater": "greater", "less": "less"}


def scipys(arms: TwoArms, side: str) -> float:
    """SciPy's Fisher value of one table, for B against A."""
    table = [[arms.k_b, arms.n_b - arms.k_b], [arms.k_a, arms.n_a - arms.k_a]]
    return float(fisher_exact(table, alternative=SIDES[side]).pvalue)


@pytest.mark.parametrize("side", SIDES)
def test_the_largest_value_is_found_by_going_through_all(side: str) -> None:
    """SciPy's test of every table that the runs left can make, zero and full cells and arms without runs included."""
    for so_far, left in (
        ((0, 3, 3, 3), (2, 1)),
        ((0, 0, 2, 2), (3, 2)),
        ((4, 4, 4, 4), (0, 0)),
        ((1, 3, 0, 2), (0, 3)),
    ):
        k_a, n_a, k_b, n_b = so_far
        every = [
            scipys(TwoArms(k_a + a, n_a + left[0], k_b + b, n_b + left[1]), side)
            for a, b in product(range(left[0] + 1), range(left[1] + 1))
        ]
        assert pytest.approx(max(every)) == largest_p([TwoArms(*so_far)], [left], side)


def test_the_value_keeps_its_level_wherever_it_stops() -> None:
    """Under equal rates it is at or below 0.05 no more often than that, whichever block one stops after."""
    rng, runs, small = random.Random(1), 6, 0
    for _ in range(500):
        rate = rng.choice([0.2, 0.5, 0.8])
        outcomes = [(rng.random() < rate, rng.random() < rate) for _ in range(runs)]
        tables = [
            TwoArms(sum(a for a, _ in outcomes[:n]), n, sum(b for _, b in outcomes[:n]), n) for n in range(1, runs + 1)
        ]
        small += any((largest_p([t], [(runs - t.n_a, runs - t.n_b)], "two") or 1.0) <= 0.05 for t in tables[3:])
    assert small <= 500 * 0.05


@pytest.mark.parametrize("side", SIDES)
def test_strata_are_gone_through_together(side: str) -> None:
    """The most over all that both strata can still do is never less than any one of it."""
    strata, left = [TwoArms(0, 2, 2, 2), TwoArms(1, 2, 2, 2)], [(1, 1), (1, 0)]
    known = largest_p(strata, left, side)
    one = [TwoArms(0, 3, 3, 3), TwoArms(1, 3, 2, 2)]
    assert known is not None
    assert sided(one, side) <= known <= 1


def test_too_many_tables_are_not_gone_through() -> None:
    """There is no value then, rather than a wrong one."""
    assert None is largest_p([TwoArms(0, 1, 0, 1)], [(MOST_TABLES, 1)], "two")


def test_sides_look_where_they_say() -> None:
    """Less is greater with the arms exchanged; beyond exact arithmetic the approximation takes over."""
    strata = [TwoArms(3, 4, 1, 4), TwoArms(2, 3, 0, 3)]
    law = ConditionalDistribution.of(strata).law()
    assert pytest.approx(float(law[:2].sum())) == sided(strata, "less")
    large = [TwoArms(10_000, 40_000, 10_100, 40_000)]
    assert mantel_haenszel(large).greater == sided(large, "greater")
