"""Posteriors of two rates under the Jeffreys prior: each has the prior Beta(½, ½), independently of the other."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval, TwoArms, checked
from analysis.stats.beta import beta_cdf, beta_quantile
from analysis.stats.beta_arrays import beta_cdfs

Floats = NDArray[np.float64]

NODES = 200
"""Points of quadrature."""

ACCURACY = 1e-12
"""Tolerance of a quantile, in differences of rates and in probability."""

WIDE = 6.0
"""Standard deviations from the mean difference at which quantiles are bracketed."""

REACH = 1e-12
"""Posterior probability left out at either end."""


def difference_interval(arms: TwoArms, confidence: float = CONFIDENCE) -> Interval:
    """The equal-tailed posterior interval of the difference of rates B − A, by quadrature."""
    tail = (1 - confidence) / 2
    law = _DifferenceLaw(arms)
    return Interval(*(_quantile(law.at_most, level, law.bracket) for level in (tail, 1 - tail)))


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


@cache
def _nodes() -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre's quadrature on [−1, 1]."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return nodes, weights


class _DifferenceLaw:
    """The posterior law of the difference of rates B − A.

    The integral is over the rate of the arm with more runs, where the density is narrow.
    """

    def __init__(self, arms: TwoArms) -> None:
        self._mirrored = checked(arms).n_a > arms.n_b
        k_a, n_a, k_b, n_b = arms.swapped() if self._mirrored else arms
        self._inner = (k_a + 0.5, n_a - k_a + 0.5)
        self._outer = (k_b + 0.5, n_b - k_b + 0.5)
        self._range = [beta_quantile(*self._outer, level) for level in (REACH, 1 - REACH)]
        self._nodes, self._weights = _nodes()

    @property
    def bracket(self) -> tuple[float, float]:
        """Differences between which practically all of the posterior lies."""
        moments = [(a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1))) for a, b in (self._inner, self._outer)]
        centre, spread = moments[1][0] - moments[0][0], math.sqrt(moments[0][1] + moments[1][1])
        low, high = max(-1.0, centre - WIDE * spread), min(1.0, centre + WIDE * spread)
        return (-high, -low) if self._mirrored else (low, high)

    def at_most(self, difference: float) -> float:
        """The posterior probability of a difference of at most this."""
        return 1 - self._integral(-difference) if self._mirrored else self._integral(difference)

    def _integral(self, difference: float) -> float:
        """P(B − A ≤ difference): certain where B is below the difference; elsewhere A must be above B − difference.

        Between the ends, the rate of B is low + (high − low)·sin²θ: the half powers at either end are smooth in θ.
        """
        low, high = max(0.0, difference), min(1.0, 1 + difference)
        certain = beta_cdf(*self._outer, low)
        if high <= low:
            return certain
        first, last = (math.asin(math.sqrt(min(max((rate - low) / (high - low), 0.0), 1.0))) for rate in self._range)
        theta = first + (self._nodes + 1) / 2 * (last - first)
        rate = low + (high - low) * np.sin(theta) ** 2
        alpha, beta = self._outer
        scale = math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta)
        with np.errstate(divide="ignore"):
            log = scale + (alpha - 1) * np.log(rate) + (beta - 1) * np.log1p(-rate)
        steps = (high - low) * np.sin(2 * theta) * (last - first) / 2
        above = 1 - beta_cdfs(*self._inner, np.clip(rate - difference, 0.0, 1.0))
        return certain + float((self._weights * steps * np.exp(log) * above).sum())


def _quantile(cumulative: Callable[[float], float], level: float, bracket: tuple[float, float]) -> float:
    """The difference with this posterior probability below it, by false position (the Illinois variant)."""
    low, high = bracket
    below, above = cumulative(low) - level, cumulative(high) - level
    if below >= 0 or above <= 0:
        low, high, below, above = -1.0, 1.0, -level, 1 - level
    last = 0.0
    for _ in range(100):
        middle = (low * above - high * below) / (above - below)
        value = cumulative(middle) - level
        # An end that stays twice would stay for long: half of its value draws the next step over.
        if value < 0:
            low, below, above = middle, value, above / 2 if last < 0 else above
        else:
            high, above, below = middle, value, below / 2 if last > 0 else below
        last = value
        if high - low < ACCURACY or abs(value) < ACCURACY:
            break
    return middle
