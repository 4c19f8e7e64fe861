"""Posterior intervals and partial pooling, against SciPy's integrals and distributions, and statsmodels."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.stats import beta, betabinom
from statsmodels.stats.proportion import proportion_confint

from analysis.stats.arms import TwoArms
from analysis.stats.beta import beta_cdf, beta_quantile
from analysis.stats.beta_arrays import beta_cdfs
from analysis.stats.pooling import partial_pooling
from analysis.stats.posterior import difference_interval
from analysis.stats.proportion import jeffreys


@pytest.mark.parametrize(("k", "n"), [(0, 5), (5, 5), (3, 7), (1, 1), (4321, 10_000)])
def test_the_posterior_interval_of_a_rate_equals_statsmodels(k: int, n: int) -> None:
    """The quantiles of Beta(k + ½, n − k + ½)."""
    assert proportion_confint(k, n, method="jeffreys") == pytest.approx(jeffreys(k, n), rel=1e-6, abs=1e-9)


def test_without_runs_the_interval_is_that_of_the_prior() -> None:
    """Nothing was seen: the prior is all that there is."""
    assert tuple(beta.interval(0.95, 0.5, 0.5)) == pytest.approx(jeffreys(0, 0), rel=1e-6)


@pytest.mark.parametrize(
    "arms",
    [
        TwoArms(0, 5, 4, 5),
        TwoArms(3, 10, 9, 12),
        TwoArms(0, 8, 0, 8),
        TwoArms(8, 8, 8, 8),
        TwoArms(0, 6, 6, 6),
        TwoArms(3, 5, 99, 100),
    ],
)
def test_the_posterior_interval_of_a_difference_is_that_of_an_integral(arms: TwoArms) -> None:
    """At either bound the adaptive integral of SciPy gives 2.5% beyond it."""
    low, high = difference_interval(arms)
    assert (pytest.approx(0.025, abs=1e-5), pytest.approx(0.975, abs=1e-5)) == (
        _at_most(arms, low),
        _at_most(arms, high),
    )
    mirrored = difference_interval(arms.swapped())
    assert (-high, -low) == pytest.approx(tuple(mirrored), abs=1e-8)


def test_many_runs_give_the_normal_interval() -> None:
    """At 10,000 a side, and with a million against five."""
    low, high = difference_interval(TwoArms(5000, 10_000, 5100, 10_000))
    half = 1.959964 * np.sqrt(0.25 / 10_000 + 0.51 * 0.49 / 10_000)
    assert (0.01 - half, 0.01 + half) == pytest.approx((low, high), abs=2e-5)
    few = difference_interval(TwoArms(3, 5, 500_000, 1_000_000))
    bounds = beta.interval(0.95, 3.5, 2.5)
    assert (0.5 - bounds[1], 0.5 - bounds[0]) == pytest.approx(tuple(few), abs=1e-4)


@pytest.mark.parametrize("counts", [[(2, 5), (4, 5), (9, 10)], [(0, 4), (1, 6)], [(0, 5), (5, 5), (0, 5)]])
def test_partial_pooling_equals_a_double_integral(counts: list[tuple[int, int]]) -> None:
    """Means of the population, of the correlation and of each task equal SciPy's adaptive integrals of its own
    Beta-binomial law."""

    def integral(value: Callable[[float, float], float]) -> float:
        def integrand(mean: float, rho: float) -> float:
            size = (1 - rho) / rho
            likelihood = [betabinom.pmf(k, n, mean * size, (1 - mean) * size) for k, n in counts]
            return float(np.prod(likelihood)) * value(mean, size)

        inside = 1e-6, 1 - 1e-6
        return float(dblquad(integrand, *inside, *inside, epsabs=1e-9, epsrel=1e-5)[0])

    whole = integral(lambda *_: 1.0)
    found = partial_pooling(counts)
    tasks = [integral(lambda mean, size, k=k, n=n: (k + mean * size) / (n + size)) / whole for k, n in counts]  # type: ignore[misc]
    expected = [integral(lambda mean, _: mean) / whole, integral(lambda _, size: 1 / (1 + size)) / whole, *tasks]
    assert expected == pytest.approx(
        [found.overall.mean, found.correlation, *(one.mean for one in found.tasks)], abs=1e-5
    )


def test_tasks_with_few_runs_are_drawn_to_the_mean() -> None:
    """One run that failed beside tasks near .8 is no rate of 0; ten thousand runs keep their own rate."""
    found = partial_pooling([(0, 1), (8, 10), (9, 10), (8, 10), (3000, 10_000)])
    assert 0.25 < found.tasks[0].mean < 0.8
    assert found.tasks[4].mean == pytest.approx(0.3, abs=0.005)
    assert found.tasks[0].interval.low < found.tasks[0].mean < found.tasks[0].interval.high


def test_tasks_that_are_alike_share_their_runs() -> None:
    """Eight tasks of 5/10 each know more of a rate together than any of them alone; the mean is in the middle."""
    found = partial_pooling([(5, 10)] * 8)
    alone = jeffreys(5, 10)
    assert found.tasks[0].interval.high - found.tasks[0].interval.low < 0.8 * (alone.high - alone.low)
    assert found.overall.mean == pytest.approx(0.5, abs=1e-9)
    assert (found.overall.interval.low, 0.5) == pytest.approx((1 - found.overall.interval.high, 0.5), abs=1e-6)


def test_zero_and_full_tasks_keep_within_bounds() -> None:
    """All at an end, and a task without runs, give intervals within [0, 1]."""
    for counts in ([(0, 5)] * 4, [(5, 5)] * 3, [(0, 0), (3, 4)], [(0, 1)]):
        found = partial_pooling(counts)
        for rate in (*found.tasks, found.overall):
            assert 0 <= rate.interval.low <= rate.mean <= rate.interval.high <= 1


def test_intervals_of_partial_pooling_cover_under_their_model() -> None:
    """Of 60 simulated sets of six tasks, with mean and correlation from their priors, 95% give or take 3% of the rates
    are inside: the posterior is what it says."""
    rng = np.random.default_rng(6)
    inside = []
    for _ in range(60):
        mean, rho = rng.random(2)
        size = (1 - rho) / rho
        rates = rng.beta(mean * size, (1 - mean) * size, 6)
        found = partial_pooling([(int(rng.binomial(8, rate)), 8) for rate in rates])
        inside += [
            one.interval.low - 1e-9 <= rate <= one.interval.high + 1e-9
            for one, rate in zip(found.tasks, rates, strict=True)
        ]
    assert 0.92 <= np.mean(inside) <= 0.98


def _at_most(arms: TwoArms, difference: float) -> float:
    ours = arms.k_a + 0.5, arms.n_a - arms.k_a + 0.5
    theirs = arms.k_b + 0.5, arms.n_b - arms.k_b + 0.5
    bend = [max(0.0, -difference), min(1.0, 1 - difference)]
    inside = quad(lambda x: beta.pdf(x, *ours) * beta.cdf(x + difference, *theirs), 0, 1, points=bend, limit=500)
    return float(inside[0])


@pytest.mark.parametrize(
    ("a", "b"), [(0.5, 0.5), (1, 1), (0.5, 5.5), (100.5, 0.5), (4321.5, 5678.5), (5e5, 5e5), (0.5, 1e6)]
)
def test_the_beta_distribution_is_that_of_scipy(a: float, b: float) -> None:
    """Its function and its quantiles, in the middle and far out, one by one and many at a time."""
    places = np.concatenate([np.linspace(0, 1, 401), beta.ppf([1e-9, 0.025, 0.5, 0.975], a, b)])
    expected = beta.cdf(places, a, b)
    assert expected == pytest.approx(beta_cdfs(a, b, places), abs=1e-9)
    assert expected == pytest.approx([beta_cdf(a, b, float(place)) for place in places], abs=1e-9)
    for p in (1e-9, 0.001, 0.025, 0.3, 0.5, 0.7, 0.975, 0.999):
        assert float(beta.ppf(p, a, b)) == pytest.approx(beta_quantile(a, b, p), rel=1e-7, abs=1e-12)
