"""Exact tests, against enumeration of every table, SciPy and shuffling."""

import math
from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import boschloo_exact, fisher_exact
from scipy.stats.contingency import odds_ratio

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import (
    ConditionalDistribution,
    TooLargeError,
    fisher,
    log_convolve,
    mantel_haenszel,
    two_sided_values,
)
from analysis.stats.multiplicity import benjamini_hochberg, holm
from analysis.stats.unconditional import binomial, boschloo, boschloo_doubled, fisher_table
from harness.exact_test import greater_tails, smallest_p, table_counts, two_sided_tails

SHAPES = [(1, 1), (3, 4), (7, 10), (6, 6)]
TABLES = [TwoArms(a, n_a, b, n_b) for n_a, n_b in SHAPES for a in range(n_a + 1) for b in range(n_b + 1)]


def test_fisher_equals_enumeration() -> None:
    """Both values are sums of exact probabilities over all tables with the same margins, in whole numbers."""
    for arms in TABLES:
        ways = {b: _ways(arms, b) for b in range(arms.n_b + 1)}
        total = sum(ways.values())
        two_sided = sum(way for way in ways.values() if way <= ways[arms.k_b]) / total
        greater = sum(way for b, way in ways.items() if b >= arms.k_b) / total
        mid = (sum(w for w in ways.values() if w < ways[arms.k_b]) + _ties(ways, arms.k_b) / 2) / total
        found = fisher(arms)
        assert (two_sided, greater, mid) == pytest.approx((found.two_sided, found.greater, found.mid), abs=1e-12)


def test_fisher_equals_scipy() -> None:
    """An independent implementation gives the same values, at zero and full cells too."""
    for arms in TABLES:
        table = [[arms.k_b, arms.n_b - arms.k_b], [arms.k_a, arms.n_a - arms.k_a]]
        theirs = fisher_exact(table).pvalue, fisher_exact(table, alternative="greater").pvalue
        found = fisher(arms)
        assert theirs == pytest.approx((found.two_sided, found.greater), abs=1e-10)


def test_published_values_of_fisher() -> None:
    """4/7 against 0/10 and 6/6 against 0/6, worked by hand: 35/2380, 1/924 and 2/924."""
    assert fisher(TwoArms(0, 10, 4, 7)).greater == pytest.approx(comb(7, 4) / comb(17, 4))
    clean = fisher(TwoArms(0, 6, 6, 6))
    assert (clean.greater, clean.two_sided) == pytest.approx((1 / 924, 2 / 924))


@pytest.mark.parametrize(
    "arms", [TwoArms(1, 8, 5, 9), TwoArms(3, 4, 1, 4), TwoArms(2, 30, 9, 28), TwoArms(0, 10, 4, 7), TwoArms(6, 6, 2, 6)]
)
def test_conditional_odds_ratio_equals_scipy(arms: TwoArms) -> None:
    """Estimate and exact interval equal an independent implementation; zero and infinity included."""
    theirs = odds_ratio([[arms.k_b, arms.n_b - arms.k_b], [arms.k_a, arms.n_a - arms.k_a]])
    bounds = theirs.confidence_interval(0.95)
    ours = ConditionalDistribution.of([arms])
    expected = (theirs.statistic, bounds.low, bounds.high)
    assert expected == pytest.approx((ours.odds_ratio(), *ours.odds_ratio_interval()), rel=1e-6)


@pytest.mark.parametrize(
    ("strata", "expected"),
    [
        ([TwoArms(5, 600, 595, 600)], 12_822.9329),
        ([TwoArms(5, 600, 595, 600)] * 2, 12_822.9329),
        ([TwoArms(0, 1, 1, 1)] * 1000 + [TwoArms(1, 1, 0, 1)] * 5, 200.0),
    ],
)
def test_odds_ratios_of_large_effects_do_not_underflow(strata: list[TwoArms], expected: float) -> None:
    """The likelihood far from equal rates is not lost, in one stratum or many. The first value was
    computed with 60 digits; for pairs it is the ratio of the discordant ones."""
    found = ConditionalDistribution.of(strata)
    low, high = found.odds_ratio_interval()
    assert expected == pytest.approx(found.odds_ratio(), rel=1e-6)
    assert low < expected < high < expected * 6


@pytest.mark.parametrize("sizes", [(600, 600), (3000, 10), (1, 1), (1, 900)])
def test_convolution_of_logarithms_keeps_every_digit(sizes: tuple[int, int]) -> None:
    """Sums of logarithms, one term after another, give the same at every place."""
    first, second = (ConditionalDistribution.of([TwoArms(n // 2, n, n - n // 2, n)]).log_weights for n in sizes)
    expected = np.full(len(first) + len(second) - 1, -np.inf)
    for place, log in enumerate(first):
        expected[place : place + len(second)] = np.logaddexp(expected[place : place + len(second)], log + second)
    assert expected == pytest.approx(log_convolve(first, second), abs=1e-9)


def test_odds_ratio_of_an_empty_margin_is_unknown() -> None:
    """Where nothing or everything completed, no odds ratio is excluded."""
    for arms in (TwoArms(0, 5, 0, 4), TwoArms(5, 5, 4, 4)):
        nothing = ConditionalDistribution.of([arms])
        assert math.isnan(nothing.odds_ratio())
        assert nothing.odds_ratio_interval() == (0.0, math.inf)


def test_stratified_test_equals_enumeration() -> None:
    """Over strata the values are sums over every combination of tables with the same margins."""
    for strata in (
        [TwoArms(0, 3, 2, 3), TwoArms(1, 4, 3, 3)],
        [TwoArms(0, 2, 2, 2), TwoArms(2, 2, 0, 2), TwoArms(1, 3, 1, 2)],
        [TwoArms(0, 3, 0, 3), TwoArms(1, 4, 4, 4)],
    ):
        weights: dict[int, int] = {}
        for chosen in product(*(range(arms.n_b + 1) for arms in strata)):
            ways = math.prod(_ways(arms, b) for arms, b in zip(strata, chosen, strict=True))
            weights[sum(chosen)] = weights.get(sum(chosen), 0) + ways
        observed, total = sum(arms.k_b for arms in strata), sum(weights.values())
        two_sided = sum(way for way in weights.values() if way <= weights[observed]) / total
        greater = sum(way for b, way in weights.items() if b >= observed) / total
        found = ConditionalDistribution.of(strata).p_values()
        assert (two_sided, greater) == pytest.approx((found.two_sided, found.greater), abs=1e-12)


@pytest.mark.parametrize(
    "strata",
    [
        [TwoArms(3, 10, 7, 10)],
        [TwoArms(1, 1, 0, 1)] * 8,
        [TwoArms(2, 5, 3, 7), TwoArms(0, 4, 4, 4)],
        [TwoArms(0, 3, 0, 2)],
    ],
)
def test_the_vectorised_distribution_equals_the_count_of_tables(strata: list[TwoArms]) -> None:
    """Floating point gives wide supports in time, and the probabilities of the whole numbers that planning uses."""
    counts = table_counts([(arms.n_a, arms.n_b) for arms in strata], [arms.completed for arms in strata])
    law = ConditionalDistribution.of(strata).law()
    assert [count / sum(counts) for count in counts] == pytest.approx(list(law), rel=1e-12)
    assert [tail / sum(counts) for tail in two_sided_tails(counts)] == pytest.approx(
        list(two_sided_values(law)), rel=1e-12
    )


def test_planning_and_analysis_have_the_same_two_sided_value() -> None:
    """Whole numbers before the runs and floating point after them, over every outcome of small designs."""
    for arms in TABLES:
        counts = table_counts([(arms.n_a, arms.n_b)], [arms.completed])
        place = arms.k_b - max(0, arms.completed - arms.n_a)
        expected = two_sided_tails(counts)[place], greater_tails(counts)[place]
        found = fisher(arms)
        assert [tail / sum(counts) for tail in expected] == pytest.approx([found.two_sided, found.greater], rel=1e-12)


def test_stratified_test_equals_shuffling_within_strata() -> None:
    """Labels shuffled within strata reproduce the one-sided value: the test is a permutation test."""
    strata = [TwoArms(1, 6, 4, 6), TwoArms(0, 5, 2, 4), TwoArms(3, 5, 4, 5)]
    rng = np.random.default_rng(7)
    draws = sum(rng.hypergeometric(arms.n_b, arms.n_a, arms.completed, 200_000) for arms in strata)
    expected = float(np.mean(draws >= sum(arms.k_b for arms in strata)))
    assert expected == pytest.approx(ConditionalDistribution.of(strata).p_values().greater, abs=0.005)


def test_beyond_exact_arithmetic_the_normal_approximation_takes_over() -> None:
    """Huge counts are refused by the exact test; uncorrected, the approximation is that of the mid-p."""
    with pytest.raises(TooLargeError):
        ConditionalDistribution.of([TwoArms(50_000, 100_000, 50_200, 100_000)])
    strata = [TwoArms(400, 1000, 450, 1000), TwoArms(100, 500, 120, 500)]
    exact, normal = ConditionalDistribution.of(strata).p_values(), mantel_haenszel(strata)
    assert exact.mid == pytest.approx(normal.two_sided, rel=0.02)
    assert mantel_haenszel([TwoArms(0, 5, 0, 5)]).two_sided == 1.0


def test_smallest_p_is_the_minimum_over_all_outcomes() -> None:
    """No outcome of arms of these sizes has a smaller value."""
    for n_a, n_b in product(range(1, 8), repeat=2):
        assert smallest_p([(n_a, n_b)]) == pytest.approx(float(fisher_table(n_a, n_b).min()), rel=1e-9)


def test_fisher_table_holds_fishers_value_of_every_outcome() -> None:
    """The table that power and Boschloo are made of equals the test outcome by outcome."""
    table = fisher_table(5, 7)
    for a, b in product(range(6), range(8)):
        assert fisher(TwoArms(a, 5, b, 7)).two_sided == pytest.approx(table[a, b], rel=1e-9)


@pytest.mark.parametrize(
    "arms", [TwoArms(0, 10, 4, 7), TwoArms(3, 6, 6, 6), TwoArms(0, 4, 1, 4), TwoArms(0, 3, 0, 3), TwoArms(7, 8, 8, 8)]
)
def test_boschloo_equals_a_search_over_tables_and_rates(arms: TwoArms) -> None:
    """The value is the largest chance, over common rates, of a table with a Fisher value as small."""
    observed = fisher(arms).two_sided * (1 + 1e-7)
    outcomes = list(product(range(arms.n_a + 1), range(arms.n_b + 1)))
    extreme = [(a, b) for a, b in outcomes if fisher(TwoArms(a, arms.n_a, b, arms.n_b)).two_sided <= observed]
    n = arms.total
    levels = [
        sum(comb(arms.n_a, a) * comb(arms.n_b, b) * rate ** (a + b) * (1 - rate) ** (n - a - b) for a, b in extreme)
        for rate in np.linspace(0, 1, 4001)
    ]
    assert max(levels) == pytest.approx(boschloo(arms), abs=1e-6)


def test_boschloo_is_never_beyond_fisher() -> None:
    """The unconditional test rejects whenever the house test does."""
    for arms in TABLES:
        found = boschloo(arms)
        assert found is not None
        assert found <= fisher(arms).two_sided + 1e-9


@pytest.mark.parametrize(
    "arms",
    [TwoArms(0, 10, 4, 7), TwoArms(3, 6, 6, 6), TwoArms(7, 8, 8, 8), TwoArms(5, 12, 2, 9), TwoArms(20, 30, 9, 30)],
)
def test_the_doubled_boschloo_test_is_that_of_scipy(arms: TwoArms) -> None:
    """Ordered by the one-sided value and doubled, the value is SciPy's; ordered by the two-sided one it is another."""
    table = [[arms.k_a, arms.k_b], [arms.n_a - arms.k_a, arms.n_b - arms.k_b]]
    assert float(boschloo_exact(table, n=64).pvalue) == pytest.approx(boschloo_doubled(arms), rel=1e-3)


def test_boschloo_is_left_out_where_it_would_take_minutes() -> None:
    """A sample space too large to walk through gives no value rather than a wait."""
    large = TwoArms(10, 1000, 20, 1000)
    assert (None, None) == (boschloo(large), boschloo_doubled(large))


def test_binomial_is_a_law() -> None:
    """Probabilities are those of the formula, at the ends of the scale too."""
    for rate in (0.0, 0.3, 1.0):
        expected = [comb(9, k) * rate**k * (1 - rate) ** (9 - k) for k in range(10)]
        assert expected == pytest.approx(list(binomial(9, rate)), abs=1e-15)


def test_holm_rejects_what_the_step_down_rule_rejects() -> None:
    """An adjusted value is at most the level exactly for the hypotheses that Holm's procedure rejects."""
    rng = np.random.default_rng(11)
    for _ in range(200):
        values = [float(p) for p in rng.uniform(0, 0.2, 6)]
        rejected: set[int] = set()
        for rank, index in enumerate(sorted(range(6), key=values.__getitem__)):
            if values[index] > 0.05 / (6 - rank):
                break
            rejected.add(index)
        assert rejected == {index for index, p in enumerate(holm(values)) if p <= 0.05}


def test_benjamini_hochberg_rejects_what_the_step_up_rule_rejects() -> None:
    """An adjusted value is at most the level exactly for what the step-up procedure rejects."""
    rng = np.random.default_rng(12)
    for _ in range(200):
        values = [float(p) for p in rng.uniform(0, 0.2, 6)]
        ranked = sorted(values)
        passing = [rank for rank, p in enumerate(ranked, start=1) if p <= 0.05 * rank / 6]
        bar = ranked[passing[-1] - 1] if passing else -1.0
        expected = {index for index, p in enumerate(values) if p <= bar}
        assert expected == {index for index, p in enumerate(benjamini_hochberg(values)) if p <= 0.05}


def test_no_tests_need_no_adjustment() -> None:
    """Empty families stay empty."""
    assert ([], []) == (holm([]), benjamini_hochberg([]))


def _ways(arms: TwoArms, in_b: int) -> int:
    in_a = arms.completed - in_b
    return comb(arms.n_b, in_b) * comb(arms.n_a, in_a) if in_a >= 0 else 0


def _ties(ways: dict[int, int], observed: int) -> int:
    return sum(way for way in ways.values() if way == ways[observed])
