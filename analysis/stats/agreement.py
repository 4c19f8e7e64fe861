"""Krippendorff's alpha: how far several judgments of the same things agree, beyond chance (2011, "Computing
Krippendorff's Alpha-Reliability")."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval

RESAMPLES = 1000
LEAST_CLUSTERS = 6
"""Clusters below which a bootstrap interval says more than is known."""

Unit = Sequence[float]
"""All values that one thing was given; one of a single value says nothing of agreement, and is left out."""

Floats = NDArray[np.float64]


def alpha(units: Sequence[Unit], *, ordinal: bool) -> float | None:
    """1 is agreement, 0 what chance gives, less is worse; None where nothing was given twice, or all values are one.

    For the interval metric the disagreement of two values is their squared distance. For the ordinal one it is that of
    their mid-ranks among all values of units that count, which is Krippendorff's sum over the values between them.
    """
    values, counts = _counts([unit for unit in units if len(unit) > 1])
    if not len(counts):
        return None
    found = float(_alphas(values, counts, np.ones((1, len(counts))), ordinal=ordinal)[0])
    return None if np.isnan(found) else found


def alpha_interval(
    clusters: Sequence[Sequence[Unit]], *, ordinal: bool, seed: int, confidence: float = CONFIDENCE
) -> Interval | None:
    """A percentile bootstrap over clusters of units that were judged together, repeatable by its seed.

    None below `LEAST_CLUSTERS` clusters, and where some resamples have no alpha.
    """
    kept = [[unit for unit in cluster if len(unit) > 1] for cluster in clusters]
    kept = [cluster for cluster in kept if cluster]
    if len(kept) < LEAST_CLUSTERS:
        return None
    drawn = np.random.default_rng(seed).multinomial(len(kept), [1 / len(kept)] * len(kept), RESAMPLES)
    weights = np.repeat(drawn.astype(np.float64), [len(cluster) for cluster in kept], axis=1)
    values, counts = _counts([unit for cluster in kept for unit in cluster])
    found = _alphas(values, counts, weights, ordinal=ordinal)
    if np.isnan(found).any():
        return None
    tail = (1 - confidence) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return Interval(float(low), float(high))


def _counts(units: Sequence[Unit]) -> tuple[Floats, Floats]:
    """The values that occur, and how often each occurs in each unit; shapes (values,) and (units, values)."""
    flat = np.array([value for unit in units for value in unit])
    values, place = np.unique(flat, return_inverse=True)
    counts = np.zeros((len(units), len(values)))
    np.add.at(counts, (np.repeat(np.arange(len(units)), [len(unit) for unit in units]), place), 1)
    return values, counts


def _alphas(values: Floats, counts: Floats, weights: Floats, *, ordinal: bool) -> Floats:
    """Alpha with each unit taken as often as it weighs; NaN where it has none. Weights: (resamples, units)."""
    sizes = counts.sum(axis=1)
    total = weights @ counts
    n = total.sum(axis=1)
    scale = np.cumsum(total, axis=1) - (total - 1) / 2 if ordinal else np.broadcast_to(values, total.shape)
    # Of each unit, the sum over all its pairs of values of their squared distance, by its sums.
    apart = 2 * (sizes * (scale**2 @ counts.T) - (scale @ counts.T) ** 2)
    observed = (weights * apart / (sizes - 1)).sum(axis=1) / n
    mean = (total * scale).sum(axis=1) / n
    expected = 2 * (total * (scale - mean[:, None]) ** 2).sum(axis=1) / (n - 1)
    found = np.full(len(weights), np.nan)
    np.divide(observed, expected, out=found, where=expected > 1e-12)
    alphas: Floats = 1 - found
    return alphas
