"""Intervals and posteriors of rates, against enumeration and quadrature."""

import math
from itertools import product

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest

from analysis.stats.arms import TwoArms
from analysis.stats.difference import miettinen_nurminen, restricted_rates, risk_difference, score
from analysis.stats.posterior import superiority
from analysis.stats.proportion import clopper_pearson, wilson

SMALL = [(k, n) for n in (1, 3, 7, 10) for k in range(n + 1)]


@pytest.mark.parametrize(("k", "n"), SMALL)
def test_wilson_is_the_set_of_rates_that_a_score_test_keeps(k: int, n: int) -> None:
    """A rate lies in the interval exactly if its score statistic is within the normal quantile."""
    low, high = wilson(k, n)
    for rate in np.linspace(0.0005, 0.9995, 1000):
        kept = abs(k / n - rate) <= 1.959963984540054 * math.sqrt(rate * (1 - rate) / n)
        if min(abs(rate - low), abs(rate - high)) > 1e-9:
            assert kept == (low < rate < high)


@pytest.mark.parametrize(("k", "n"), SMALL)
def test_both_intervals_agree_with_scipy(k: int, n: int) -> None:
    """Wilson and Clopper–Pearson equal an independent implementation, at zero and full counts too."""
    ours = (*wilson(k, n), *clopper_pearson(k, n))
    theirs = (*_scipy(k, n, "wilson"), *_scipy(k, n, "exact"))
    assert theirs == pytest.approx(ours, abs=1e-9)


def test_clopper_pearson_never_covers_too_rarely() -> None:
    """At every true rate the exact interval covers it with at least its confidence, by enumeration."""
    n = 8
    bounds = [clopper_pearson(k, n) for k in range(n + 1)]
    for rate in np.linspace(0.01, 0.99, 197):
        covered = sum(binom.pmf(k, n, rate) for k, (low, high) in enumerate(bounds) if low <= rate <= high)
        assert covered >= 0.95 - 1e-12


def test_no_runs_say_nothing() -> None:
    """Without runs every rate is possible."""
    assert (0.0, 1.0) == wilson(0, 0)


@pytest.mark.parametrize(
    "arms", [TwoArms(0, 10, 4, 7), TwoArms(3, 4, 1, 4), TwoArms(0, 6, 6, 6), TwoArms(0, 3, 0, 3), TwoArms(5, 40, 9, 35)]
)
def test_superiority_is_the_posterior_probability(arms: TwoArms) -> None:
    """P(B > A) equals the integral over the Jeffreys posteriors, drawn at their own quantiles."""
    a = beta(arms.k_a + 0.5, arms.n_a - arms.k_a + 0.5)
    b = beta(arms.k_b + 0.5, arms.n_b - arms.k_b + 0.5)
    points = (np.arange(50_000) + 0.5) / 50_000
    assert float(np.mean(a.cdf(b.ppf(points)))) == pytest.approx(superiority(arms), abs=5e-5)


def test_superiority_of_equal_arms_is_even() -> None:
    """Arms with the same counts are as likely to be better as worse, however large."""
    for n in (1, 10, 100_000):
        assert superiority(TwoArms(0, n, 0, n)) == pytest.approx(0.5, abs=1e-9)


CASES = [
    TwoArms(0, 10, 4, 7),
    TwoArms(4, 7, 0, 10),
    TwoArms(0, 6, 6, 6),
    TwoArms(6, 6, 0, 6),
    TwoArms(0, 5, 0, 5),
    TwoArms(5, 5, 5, 5),
    TwoArms(0, 1, 1, 1),
    TwoArms(3, 9, 5, 6),
    TwoArms(20, 50, 31, 48),
]


@pytest.mark.parametrize("arms", CASES)
def test_restricted_rates_are_the_likeliest(arms: TwoArms) -> None:
    """No other pair of rates with the same difference makes the counts likelier, on a fine grid."""
    for difference in (-0.95, -0.5, -0.1, 0.0, 0.194, 0.244, 0.7, 0.95):
        rate_a, rate_b = restricted_rates(arms, difference)
        grid = np.linspace(max(0.0, -difference), min(1.0, 1.0 - difference), 20_001)
        best = _likelihood(arms, grid, grid + difference).max()
        ours = _likelihood(arms, np.array([rate_a]), np.array([rate_b]))[0]
        assert difference == pytest.approx(rate_b - rate_a, abs=1e-12)
        assert ours >= best * (1 - 1e-9)


@pytest.mark.parametrize("arms", CASES)
def test_miettinen_nurminen_is_where_a_brute_force_score_crosses(arms: TwoArms) -> None:
    """The bounds enclose just the differences that a score test by grid search keeps."""
    low, high = miettinen_nurminen([arms])
    for difference in np.linspace(-0.99, 0.99, 45):
        if min(abs(difference - low), abs(difference - high)) < 0.002:
            continue
        assert (low < difference < high) == (abs(_grid_score(arms, difference)) < 1.959963984540054)


def test_miettinen_nurminen_of_the_published_contrast() -> None:
    """4/7 against 0/10: at the lower bound the grid search finds the same statistic as the closed form."""
    arms = TwoArms(0, 10, 4, 7)
    low, _ = miettinen_nurminen([arms])
    assert _grid_score(arms, low) == pytest.approx(1.959963984540054, abs=1e-4)
    assert low == pytest.approx(0.194, abs=5e-4)


def test_swapping_the_arms_mirrors_the_interval() -> None:
    """The interval of A − B is that of B − A with its sign changed."""
    for arms in CASES:
        low, high = miettinen_nurminen([arms])
        mirrored = miettinen_nurminen([arms.swapped()])
        assert (-high, -low) == pytest.approx(mirrored, abs=1e-9)


def test_equal_strata_narrow_the_interval_around_the_same_difference() -> None:
    """Stratified over copies of one table, the difference stays and the interval shrinks."""
    one, three = [TwoArms(3, 9, 5, 6)], [TwoArms(3, 9, 5, 6)] * 3
    assert risk_difference(three) == pytest.approx(risk_difference(one))
    wide, narrow = miettinen_nurminen(one), miettinen_nurminen(three)
    assert wide.low < narrow.low < risk_difference(one) < narrow.high < wide.high


def test_coverage_of_the_interval_is_near_its_confidence() -> None:
    """Over all outcomes of arms of 10, the interval covers the true difference about 95 times in 100."""
    bounds = {(a, b): miettinen_nurminen([TwoArms(a, 10, b, 10)]) for a, b in product(range(11), repeat=2)}
    coverages = []
    for rate_a, rate_b in product((0.1, 0.3, 0.5, 0.8), repeat=2):
        chance = {(a, b): binom.pmf(a, 10, rate_a) * binom.pmf(b, 10, rate_b) for a, b in bounds}
        difference = rate_b - rate_a
        coverages.append(sum(chance[key] for key, (low, high) in bounds.items() if low <= difference <= high))
    assert min(coverages) > 0.92
    assert np.mean(coverages) == pytest.approx(0.95, abs=0.02)


def test_score_is_undefined_nowhere() -> None:
    """At the ends of the scale, where the variance vanishes, the score is infinite or zero, never an error."""
    assert score([TwoArms(0, 5, 5, 5)], 1.0) == 0.0
    assert score([TwoArms(0, 5, 0, 5)], 1.0) == -math.inf


def _scipy(k: int, n: int, method: str) -> tuple[float, float]:
    found = binomtest(k, n).proportion_ci(method=method)
    return float(found.low), float(found.high)


def _likelihood(arms: TwoArms, rate_a: np.ndarray, rate_b: np.ndarray) -> np.ndarray:
    rate_a, rate_b = np.clip(rate_a, 0, 1), np.clip(rate_b, 0, 1)
    in_a = rate_a**arms.k_a * (1 - rate_a) ** (arms.n_a - arms.k_a)
    in_b = rate_b**arms.k_b * (1 - rate_b) ** (arms.n_b - arms.k_b)
    return np.asarray(in_a * in_b)


def _grid_score(arms: TwoArms, difference: float) -> float:
    """The score statistic, its rates found by trying twenty thousand."""
    grid = np.linspace(max(0.0, -difference), min(1.0, 1.0 - difference), 20_001)
    rate_a = grid[np.argmax(_likelihood(arms, grid, grid + difference))]
    rate_b = rate_a + difference
    variance = rate_a * (1 - rate_a) / arms.n_a + rate_b * (1 - rate_b) / arms.n_b
    variance *= arms.total / (arms.total - 1)
    distance = arms.difference - difference
    if variance > 1e-15:
        return distance / math.sqrt(variance)
    return math.copysign(math.inf, distance) if distance else 0.0
