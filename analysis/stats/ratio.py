"""Cost of a completion: a ratio of sums, with an interval that resamples whole blocks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval
from analysis.stats.proportion import z_quantile

Floats = NDArray[np.float64]

RESAMPLES = 4_000
LEAST_BLOCKS = 6
"""Blocks below which a bootstrap interval says more than is known."""

MOST_BLOCKS = 10_000
"""Blocks beyond which the interval is that of the delta method, which is as good there."""

SEED = 1


@dataclass(frozen=True)
class CostPerCompletion:
    """All that was spent over all completions."""

    estimate: float | None
    """None without a completion."""
    interval: Interval | None
    """Infinite above where too many resamples have no completion; None of too few blocks."""


def cost_per_completion(
    costs: Sequence[float] | Floats,
    completed: Sequence[bool] | NDArray[np.bool_],
    blocks: Sequence[int] | NDArray[np.int64],
    confidence: float = CONFIDENCE,
) -> CostPerCompletion:
    """Total cost over the number of completions, and its percentile bootstrap interval over blocks (Efron 1979).

    Runs of one block shared their time and their server, so that a block is drawn as a whole. A resample without a
    completion has an infinite cost.
    """
    _, place = np.unique(np.asarray(blocks), return_inverse=True)
    cost, done = _sums(place, costs), _sums(place, completed)
    if not done.sum():
        return CostPerCompletion(None, None)
    estimate = float(cost.sum() / done.sum())
    tail = (1 - confidence) / 2
    if len(cost) < LEAST_BLOCKS:
        return CostPerCompletion(estimate, None)
    if len(cost) > MOST_BLOCKS:
        spread = float(np.std(cost - estimate * done, ddof=1)) * math.sqrt(len(cost)) / float(done.sum())
        half = z_quantile(confidence) * spread
        return CostPerCompletion(estimate, Interval(estimate - half, estimate + half))
    ratios = _resampled(cost, done)
    # Order statistics: between a finite ratio and an infinite one there is nothing to interpolate.
    low, high = np.quantile(ratios, [tail, 1 - tail], method="inverted_cdf")
    return CostPerCompletion(estimate, Interval(float(low), float(high)))


def _sums(place: NDArray[np.intp], values: Sequence[float] | Floats | NDArray[np.bool_]) -> Floats:
    """The sum of the values of each block; shape (blocks,)."""
    return np.bincount(place, weights=np.asarray(values, dtype=np.float64)).astype(np.float64)


def _resampled(cost: Floats, done: Floats) -> Floats:
    """Ratios of resamples; shape (RESAMPLES,)."""
    rng = np.random.default_rng(SEED)
    ratios = np.empty(RESAMPLES)
    step = max(1, 2_000_000 // len(cost))
    for start in range(0, RESAMPLES, step):
        size = min(step, RESAMPLES - start)
        drawn = rng.integers(0, len(cost), (size, len(cost)))
        completions = done[drawn].sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios[start : start + size] = np.where(completions > 0, cost[drawn].sum(axis=1) / completions, math.inf)
    return ratios
