"""Tests of a common odds ratio, against enumeration of every table, drawing, and statsmodels."""

import math
from itertools import product
from math import comb

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from analysis.stats import homogeneity as module
from analysis.stats.arms import TwoArms
from analysis.stats.homogeneity import breslow_day, homogeneity

FEW = [
    [TwoArms(0, 8, 8, 8), TwoArms(8, 8, 0, 8)],
    [TwoArms(1, 4, 3, 4), TwoArms(2, 5, 1, 3)],
    [TwoArms(0, 3, 3, 3), TwoArms(1, 3, 1, 3), TwoArms(2, 4, 0, 2)],
    [TwoArms(1, 6, 5, 6), TwoArms(0, 6, 4, 6), TwoArms(3, 6, 6, 6)],
]


@pytest.mark.parametrize("strata", FEW)
def test_the_exact_value_is_a_sum_over_all_tables(strata: list[TwoArms]) -> None:
    """p is the share, in whole numbers, of tables with the same margins and sum that are no likelier."""
    found = homogeneity(strata)
    assert found is not None
    assert ("exact", pytest.approx(_enumerated(strata))) == (found.method, found.p)


def test_strata_that_contradict_each_other_are_found() -> None:
    """0/8 → 8/8 in one and 8/8 → 0/8 in the other: no common odds ratio, though their mean difference is 0."""
    found = homogeneity(FEW[0])
    assert found is not None
    assert (True, True) == (found.p < 1e-6, found.warns)


@pytest.mark.parametrize(
    "strata",
    [
        [TwoArms(0, 8, 8, 8)] * 2,
        [TwoArms(0, 8, 0, 8), TwoArms(3, 8, 4, 8)],
        [TwoArms(8, 8, 8, 8), TwoArms(0, 8, 0, 8)],
        [TwoArms(2, 5, 3, 5)],
        [],
    ],
)
def test_where_only_one_table_is_possible_nothing_is_tested(strata: list[TwoArms]) -> None:
    """Strata in which nothing can vary, or all of which are at an end, say nothing of their likeness."""
    assert homogeneity(strata) is None


def test_strata_in_which_nothing_can_vary_change_nothing() -> None:
    """Strata where all or none completed are left out."""
    assert homogeneity(FEW[3]) == homogeneity([*FEW[3], TwoArms(0, 9, 0, 4), TwoArms(5, 5, 7, 7)])


def test_the_level_is_kept_whatever_the_odds_ratio_and_the_rates() -> None:
    """Under one odds ratio, p ≤ .05 occurs at most as often as that: exact over all outcomes of three strata."""
    for ratio, base in product((1.0, 5.0), (0.2, 0.6)):
        rate = ratio * base / (1 - base + ratio * base)
        chance = 0.0
        for tables in product(product(range(4), repeat=2), repeat=3):
            strata = [TwoArms(a, 3, b, 3) for a, b in tables]
            found = homogeneity(strata)
            if found is not None and found.p <= 0.05:
                chance += math.prod(_binomial(3, a, base) * _binomial(3, b, rate) for a, b in tables)
        assert chance <= 0.05


def test_many_tables_are_drawn_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    """The drawn value is within four standard errors of the enumerated one, and is repeatable."""
    strata = [TwoArms(1, 9, 4, 10), TwoArms(3, 8, 4, 8), TwoArms(6, 10, 3, 9), TwoArms(2, 10, 7, 10)]
    exact = homogeneity(strata)
    monkeypatch.setattr(module, "MOST_STATES", 10)
    drawn = homogeneity(strata)
    assert exact is not None and drawn is not None
    assert ("exact", "drawn") == (exact.method, drawn.method)
    assert exact.p == pytest.approx(drawn.p, abs=4 * math.sqrt(exact.p * (1 - exact.p) / module.DRAWS))
    assert drawn == homogeneity(strata)


def test_large_counts_approach_breslow_and_day() -> None:
    """At 10,000 an arm single tables hardly matter, and the exact value is near that of the chi-squared test."""
    strata = [TwoArms(2000, 10_000, 3333, 10_000), TwoArms(2500, 10_000, 3341, 10_000)]
    found = homogeneity(strata)
    assert found is not None
    assert found.p == pytest.approx(breslow_day(strata), abs=0.02)


def test_beyond_exact_arithmetic_the_chi_squared_test_takes_over() -> None:
    """Supports too wide to enumerate give the approximation, and say so."""
    strata = [TwoArms(6000, 20_000, 7000, 20_000), TwoArms(6500, 20_000, 7300, 20_000)]
    found = homogeneity(strata)
    assert found is not None
    assert ("normal", breslow_day(strata)) == (found.method, found.p)


def test_breslow_and_day_equals_statsmodels() -> None:
    """Statistic and correction of an independent implementation, over random strata."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        n = rng.integers(8, 60, size=(3, 2))
        strata = [TwoArms(int(rng.integers(1, a)), int(a), int(rng.integers(1, b)), int(b)) for a, b in n]
        tables = [np.array([[s.k_b, s.n_b - s.k_b], [s.k_a, s.n_a - s.k_a]]) for s in strata]
        expected = StratifiedTable([table.astype(float) for table in tables]).test_equal_odds(adjust=True)
        assert float(expected.pvalue) == pytest.approx(breslow_day(strata), rel=1e-6)


def _enumerated(strata: list[TwoArms]) -> float:
    total = sum(arms.k_b for arms in strata)
    ways = {
        chosen: math.prod(
            comb(arms.n_b, b) * comb(arms.n_a, arms.completed - b) if 0 <= arms.completed - b <= arms.n_a else 0
            for arms, b in zip(strata, chosen, strict=True)
        )
        for chosen in product(*(range(arms.n_b + 1) for arms in strata))
        if sum(chosen) == total
    }
    observed = ways[tuple(arms.k_b for arms in strata)]
    return sum(way for way in ways.values() if way <= observed) / sum(ways.values())


def _binomial(n: int, k: int, rate: float) -> float:
    return comb(n, k) * rate**k * (1 - rate) ** (n - k)
