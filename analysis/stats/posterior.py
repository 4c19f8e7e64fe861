"""Posterior intervals under the Jeffreys prior: each rate has the prior Beta(½, ½), independently of the others."""

import math
from collections.abc import Callable

import numpy as np

from analysis.stats.arms import CONFIDENCE, Interval, TwoArms, checked

NODES = 200
"""Points of quadrature."""

REACH = 1e-12
"""Posterior probability left out at either end."""


def jeffreys(k: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The equal-tailed posterior interval of a rate with k completions of n runs; without runs, that of the prior.

    Under repeated use it covers close to its confidence on average (Brown, Cai and DasGupta 2001), and never claims
    that a rate of 0 or 1 was seen to be just that.
    """
    from scipy.special import betaincinv  # noqa: PLC0415 - half a second that most commands need not pay

    tail = (1 - confidence) / 2
    low, high = betaincinv(k + 0.5, n - k + 0.5, [tail, 1 - tail])
    return Interval(float(low), float(high))


def difference_interval(arms: TwoArms, confidence: float = CONFIDENCE) -> Interval:
    """The equal-tailed posterior interval of the difference of rates B − A, by quadrature."""
    tail = (1 - confidence) / 2
    law = _DifferenceLaw(arms)
    return Interval(*(_quantile(law.at_most, level) for level in (tail, 1 - tail)))


class _DifferenceLaw:
    """The posterior law of the difference of rates B − A.

    The integral is over the rate of the arm with more runs, where the density is narrow.
    """

    def __init__(self, arms: TwoArms) -> None:
        from scipy.special import betaincinv  # noqa: PLC0415 - half a second that most commands need not pay

        self._mirrored = checked(arms).n_a > arms.n_b
        k_a, n_a, k_b, n_b = arms.swapped() if self._mirrored else arms
        self._inner = (k_a + 0.5, n_a - k_a + 0.5)
        self._outer = (k_b + 0.5, n_b - k_b + 0.5)
        self._range = [float(betaincinv(*self._outer, level)) for level in (REACH, 1 - REACH)]
        self._nodes, self._weights = np.polynomial.legendre.leggauss(NODES)

    def at_most(self, difference: float) -> float:
        """The posterior probability of a difference of at most this."""
        return 1 - self._integral(-difference) if self._mirrored else self._integral(difference)

    def _integral(self, difference: float) -> float:
        """P(B − A ≤ difference): certain where B is below the difference; elsewhere A must be above B − difference.

        Between the ends, the rate of B is low + (high − low)·sin²θ: the half powers at either end are smooth in θ.
        """
        from scipy.special import betainc, betaln  # noqa: PLC0415 - half a second that most commands need not pay

        low, high = max(0.0, difference), min(1.0, 1 + difference)
        certain = float(betainc(*self._outer, low))
        if high <= low:
            return certain
        first, last = (math.asin(math.sqrt(min(max((rate - low) / (high - low), 0.0), 1.0))) for rate in self._range)
        theta = first + (self._nodes + 1) / 2 * (last - first)
        rate = low + (high - low) * np.sin(theta) ** 2
        alpha, beta = self._outer
        with np.errstate(divide="ignore"):
            log = (alpha - 1) * np.log(rate) + (beta - 1) * np.log1p(-rate) - betaln(alpha, beta)
        steps = (high - low) * np.sin(2 * theta) * (last - first) / 2
        above = 1 - betainc(*self._inner, np.clip(rate - difference, 0.0, 1.0))
        return certain + float((self._weights * steps * np.exp(log) * above).sum())


def _quantile(cumulative: Callable[[float], float], level: float) -> float:
    low, high = -1.0, 1.0
    for _ in range(45):
        middle = (low + high) / 2
        low, high = (middle, high) if cumulative(middle) < level else (low, middle)
    return (low + high) / 2
