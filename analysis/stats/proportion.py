"""One completion rate, and what is known of it."""

import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval, TwoArms
from analysis.stats.beta import beta_quantile


def z_quantile(confidence: float) -> float:
    """The standard normal quantile that leaves (1 − confidence)/2 above it."""
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def wilson(k: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's score interval for k completions of n runs (Wilson 1927); (0, 1) where there are no runs.

    Its coverage is right on average over rates, and it stays inside [0, 1] at k = 0 and k = n.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    z = z_quantile(confidence)
    centre = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
    return Interval(0.0 if k == 0 else centre - half, 1.0 if k == n else centre + half)


@lru_cache(maxsize=4096)
def clopper_pearson(k: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The exact interval for k of n (Clopper and Pearson 1934): never covers less often than it says."""
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else beta_quantile(k, n - k + 1, tail)
    high = 1.0 if k == n else beta_quantile(k + 1, n - k, 1 - tail)
    return Interval(low, high)


def superiority(arms: TwoArms) -> float:
    """P(rate B > rate A), each rate with its posterior under the Jeffreys prior Beta(½, ½).

    The integral runs over φ with rate = sin²φ, where the prior is flat: the density has no poles then, and
    the midpoint rule converges fast even at k = 0 and k = n.
    """
    points = max(4096, 64 * math.isqrt(max(arms.n_a, arms.n_b)))
    phi = (np.arange(points) + 0.5) * (math.pi / 2 / points)
    log_sin, log_cos = np.log(np.sin(phi)), np.log(np.cos(phi))

    def density(k: int, n: int) -> NDArray[np.float64]:
        log = 2 * k * log_sin + 2 * (n - k) * log_cos
        weight: NDArray[np.float64] = np.exp(log - log.max())
        weight /= weight.sum()
        return weight

    below_a = density(arms.k_a, arms.n_a)
    # Half of a cell lies below its own middle.
    cumulative = np.cumsum(below_a) - below_a / 2
    return float(cumulative @ density(arms.k_b, arms.n_b))
