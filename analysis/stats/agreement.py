"""Krippendorff's alpha: how far several judgments of the same things agree, beyond chance (2011, "Computing
Krippendorff's Alpha-Reliability")."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval

RESAMPLES = 2000
LEAST_CLUSTERS = 6
"""Clusters below which a bootstrap interval says more than is known."""

Unit = Sequence[float]
"""All values that one thing was given; one of a single value says nothing of agreement, and is left out."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Disagreement:
    """The terms of alpha."""

    observed: Floats
    """Squared distances of each unit's values, pair by pair, over their number less one; shape (units,)."""
    sizes: Floats
    """Values of each unit; shape (units,)."""
    expected: float
    """Mean squared distance of any two values, whatever unit they are of."""

    @classmethod
    def of(cls, units: Sequence[Unit], *, ordinal: bool) -> "Disagreement | None":
        """None where nothing was given twice, or all values are one.

        For the ordinal metric, distances are those of mid-ranks among all values, which is Krippendorff's sum over
        the values between two.
        """
        sizes = np.array([len(unit) for unit in units], dtype=np.float64)
        scale = np.array([value for unit in units for value in unit])
        if not len(scale) or np.ptp(scale) == 0:
            return None
        scale = _mid_ranks(scale) if ordinal else scale
        centred = scale - scale.mean()
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(int)
        sums, squares = np.add.reduceat(centred, starts), np.add.reduceat(centred**2, starts)
        observed = 2 * (sizes * squares - sums**2) / (sizes - 1)
        return cls(observed, sizes, 2 * float((centred**2).sum()) / (len(scale) - 1))

    def alphas(self, weights: Floats) -> Floats:
        """Alpha with each unit taken as often as it weighs; shapes (resamples, units) and (resamples,)."""
        alphas: Floats = 1 - (weights @ self.observed) / (weights @ self.sizes) / self.expected
        return alphas


def alpha(units: Sequence[Unit], *, ordinal: bool) -> float | None:
    """1 is agreement, 0 what chance gives, less is worse; None where nothing was given twice, or all values are one."""
    disagreement = Disagreement.of([unit for unit in units if len(unit) > 1], ordinal=ordinal)
    return float(disagreement.alphas(np.ones(len(disagreement.sizes)))) if disagreement else None


def alpha_interval(
    clusters: Sequence[Sequence[Unit]], *, ordinal: bool, seed: int, confidence: float = CONFIDENCE
) -> Interval | None:
    """A percentile bootstrap over clusters of units that were judged together, repeatable by its seed.

    As in Krippendorff's own, what chance would give stays as it was found: drawn anew with the clusters, it would
    shrink with every repetition, and alpha with it. None below `LEAST_CLUSTERS` clusters.
    """
    kept = [[unit for unit in cluster if len(unit) > 1] for cluster in clusters]
    kept = [cluster for cluster in kept if cluster]
    disagreement = Disagreement.of([unit for cluster in kept for unit in cluster], ordinal=ordinal)
    if len(kept) < LEAST_CLUSTERS or disagreement is None:
        return None
    drawn = np.random.default_rng(seed).multinomial(len(kept), [1 / len(kept)] * len(kept), RESAMPLES)
    weights = np.repeat(drawn.astype(np.float64), [len(cluster) for cluster in kept], axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(disagreement.alphas(weights), [tail, 1 - tail])
    return Interval(float(low), float(high))


def _mid_ranks(values: Floats) -> Floats:
    """The mean rank of each value among all of them."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2
    ranks: Floats = middle[place]
    return ranks
