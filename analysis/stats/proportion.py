"""One completion rate, and what is known of it."""

import math
from functools import lru_cache
from statistics import NormalDist

from analysis.stats.arms import CONFIDENCE, Interval
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


def jeffreys(k: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The equal-tailed posterior interval of a rate with k completions of n runs; without runs, that of the prior.

    Under repeated use it covers close to its confidence on average (Brown, Cai and DasGupta 2001), and never claims
    that a rate of 0 or 1 was seen to be just that.
    """
    tail = (1 - confidence) / 2
    return Interval(*(beta_quantile(k + 0.5, n - k + 0.5, level) for level in (tail, 1 - tail)))
