"""What simulated runs let one expect of as many real ones as were published."""

from collections.abc import Callable, Sequence
from math import exp, lgamma
from random import Random

from analysis.calibration.arms import Record
from analysis.stats.arms import CONFIDENCE, Interval

SAMPLES = 2000

Statistic = Callable[[Sequence[Record]], float]


def completions(k: int, n: int, published: int) -> Interval:
    """Completions to expect among so many published runs, given k of n simulated ones.

    Beta-binomial under the Jeffreys prior: it holds both the chance of the published runs and what the simulated
    ones leave open of the rate.
    """
    a, b = k + 0.5, n - k + 0.5
    log = [_log_binomial(published, i) + _log_beta(a + i, b + published - i) for i in range(published + 1)]
    weights = [exp(value - _log_beta(a, b)) for value in log]
    return _central([float(i) for i in range(published + 1)], weights)


def statistic(records: Sequence[Record], published: int, of: Statistic) -> Interval:
    """Where a figure of so many runs falls, for runs drawn anew from the simulated ones."""
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


def _log_binomial(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
