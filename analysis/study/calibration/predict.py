"""Predictions for the published number of runs, from simulated runs."""

from collections.abc import Callable, Sequence
from math import exp, lgamma
from random import Random

from analysis.stats.arms import CONFIDENCE, Interval
from analysis.study.calibration.arms import Record

SAMPLES = 2000

Statistic = Callable[[Sequence[Record]], float]


def completions(k: int, n: int, published: int) -> Interval:
    """Completions to expect among so many published runs, given k of n simulated ones.

    Beta-binomial under the Jeffreys prior: it holds both the chance of the published runs and what the simulated
    ones leave open of the rate.
    """
    weights = [exp(log_chance(k, n, i, published)) for i in range(published + 1)]
    return _central([float(i) for i in range(published + 1)], weights)


def log_chance(k: int, n: int, completed: int, published: int) -> float:
    """Logarithm of the chance of so many completions among the published runs, given k of n simulated ones."""
    a, b = k + 0.5, n - k + 0.5
    ways = lgamma(published + 1) - lgamma(completed + 1) - lgamma(published - completed + 1)
    return ways + _log_beta(a + completed, b + published - completed) - _log_beta(a, b)


def statistic(records: Sequence[Record], published: int, of: Statistic) -> Interval:
    """Return the interval of a statistic of so many runs, resampled from the simulated ones."""
    random = Random(1)
    drawn = sorted(of(random.choices(records, k=published)) for _ in range(SAMPLES))
    return _central(drawn, [1 / SAMPLES] * SAMPLES)


def _central(values: Sequence[float], weights: Sequence[float]) -> Interval:
    """The values that leave at most half of what lies outside on either side; `values` ascend."""
    tail = (1 - CONFIDENCE) / 2
    return Interval(_quantile(values, weights, tail), _quantile(values, weights, 1 - tail))


def _quantile(values: Sequence[float], weights: Sequence[float], share: float) -> float:
    below = 0.0
    for value, weight in zip(values, weights, strict=True):
        below += weight
        if below >= share - 1e-12:
            return value
    return values[-1]


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
