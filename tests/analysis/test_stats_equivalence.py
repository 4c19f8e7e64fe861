"""Equivalence and non-inferiority, against statsmodels, enumeration and the interval that they invert."""

import math
from itertools import product
from math import comb

import numpy as np
import pytest
from statsmodels.stats.proportion import tost_proportions_2indep

from analysis.stats.arms import TwoArms
from analysis.stats.difference import miettinen_nurminen, score
from analysis.stats.equivalence import (
    equivalence,
    score_table,
    smallest_margin,
    smallest_non_inferior_margin,
)

ALIKE = [
    TwoArms(15, 20, 16, 20),
    TwoArms(80, 100, 82, 100),
    TwoArms(0, 5, 0, 5),
    TwoArms(5, 5, 5, 5),
    TwoArms(0, 6, 6, 6),
]


@pytest.mark.parametrize("arms", [TwoArms(300, 500, 310, 480), TwoArms(5000, 10_000, 5010, 10_000)])
def test_large_counts_give_the_score_test(arms: TwoArms) -> None:
    """Both one-sided values, at 10,000 a side too, with the likeliest rates looked for on a grid. statsmodels is near:
    its rates under the margin are not quite the likeliest."""
    found = equivalence([arms], 0.1)
    theirs = tost_proportions_2indep(arms.k_b, arms.n_b, arms.k_a, arms.n_a, -0.1, 0.1, method="score", correction=True)
    for p, table, near in (
        (found.p_non_inferior, arms, theirs.results_larger.pvalue),
        (found.p_non_superior, arms.swapped(), theirs.results_smaller.pvalue),
    ):
        grid = np.linspace(0.1, 1, 1_000_002)[1:-1]
        log = table.k_a * np.log(grid) + (table.n_a - table.k_a) * np.log1p(-grid)
        log += table.k_b * np.log(grid - 0.1) + (table.n_b - table.k_b) * np.log1p(0.1 - grid)
        rate = float(grid[np.argmax(log)])
        variance = rate * (1 - rate) / table.n_a + (rate - 0.1) * (1.1 - rate) / table.n_b
        z = (table.difference + 0.1) / math.sqrt(variance * table.total / (table.total - 1))
        assert (False, math.erfc(z / math.sqrt(2)) / 2) == (found.exact, pytest.approx(p, rel=1e-3))
        assert near == pytest.approx(p, rel=0.1)


@pytest.mark.parametrize("arms", [TwoArms(2, 4, 3, 5), TwoArms(0, 3, 0, 3), TwoArms(6, 6, 5, 6), TwoArms(3, 3, 0, 4)])
def test_the_exact_value_is_the_largest_chance_over_all_rates(arms: TwoArms) -> None:
    """Of a score as large as the observed one, over rates that differ by just the margin, table by table."""
    found = equivalence([arms], 0.2)
    for margin, p, table in ((0.2, found.p_non_inferior, arms), (0.2, found.p_non_superior, arms.swapped())):
        observed = _score(table, -margin)
        extreme = [
            (a, b)
            for a, b in product(range(table.n_a + 1), range(table.n_b + 1))
            if _score(TwoArms(a, table.n_a, b, table.n_b), -margin) >= observed - 1e-7
        ]
        levels = [
            sum(_chance(table.n_a, a, rate) * _chance(table.n_b, b, rate - margin) for a, b in extreme)
            for rate in np.linspace(margin, 1, 2001)
        ]
        assert max(levels) == pytest.approx(p, abs=1e-4)


def test_the_table_of_scores_is_the_score_of_each_outcome() -> None:
    """The vectorised statistic equals the plain one."""
    for difference in (-0.4, -0.13, 0.25):
        table = score_table(7, 5, difference)
        for a, b in product(range(8), range(6)):
            assert score([TwoArms(a, 7, b, 5)], difference) == pytest.approx(float(table[a, b]), abs=1e-6)


@pytest.mark.parametrize("arms", ALIKE)
def test_the_smallest_margin_is_just_excluded(arms: TwoArms) -> None:
    """At it the two tests reject, and 0.01 below they do not; so for non-inferiority."""
    margin = smallest_margin([arms])
    if margin < 1:
        assert equivalence([arms], margin).p <= 0.05
    assert equivalence([arms], margin - 0.01).p > 0.05
    inferior = smallest_non_inferior_margin([arms])
    assert inferior <= margin
    if inferior:
        assert equivalence([arms], inferior).p_non_inferior <= 0.05


def test_over_strata_the_smallest_margin_inverts_the_interval() -> None:
    """It is the larger end, in size, of Miettinen and Nurminen's 90% interval."""
    for strata in ([TwoArms(15, 20, 16, 20), TwoArms(5, 20, 6, 20)], [TwoArms(5000, 10_000, 5010, 10_000)]):
        low, high = miettinen_nurminen(strata, 0.90)
        assert max(-low, high) == pytest.approx(smallest_margin(strata), abs=0.0011)


def test_the_exact_test_keeps_its_level() -> None:
    """Where the rates differ by just the margin, equivalence is claimed in at most 5% of experiments."""
    claims = {(a, b): equivalence([TwoArms(a, 12, b, 12)], 0.4).p <= 0.05 for a, b in product(range(13), repeat=2)}
    for rate in np.linspace(0.4, 1, 13):
        chance = sum(_chance(12, a, rate) * _chance(12, b, rate - 0.4) for (a, b), claimed in claims.items() if claimed)
        assert chance <= 0.05 + 1e-6


@pytest.mark.parametrize("margin", [0.0, 1.0, -0.1, 2.0, float("nan")])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    """It lies between 0 and 1."""
    with pytest.raises(ValueError, match="margin"):
        equivalence([TwoArms(1, 2, 1, 2)], margin)


def _score(arms: TwoArms, difference: float) -> float:
    return float(np.clip(score([arms], difference), -1e9, 1e9))


def _chance(n: int, k: int, rate: float) -> float:
    return comb(n, k) * max(rate, 0.0) ** k * (1 - max(rate, 0.0)) ** (n - k)
