"""The Beta distribution at many places at once."""

import math

import numpy as np
from numpy.typing import NDArray

from analysis.stats.beta import ACCURACY, LEAST

Floats = NDArray[np.float64]

LARGE = 5_000
"""Shapes together beyond which the fraction needs so many terms that loading SciPy is quicker."""


def beta_cdfs(a: float, b: float, x: Floats) -> Floats:
    """`beta_cdf` at many places; of the shape of x."""
    if a + b > LARGE:
        from scipy.special import betainc  # noqa: PLC0415 - see `LARGE`

        return np.asarray(betainc(a, b, x), dtype=np.float64)
    values = np.where(x > 0, 1.0, 0.0)
    inside = (x > 0) & (x < 1)
    swap = x > (a + 1) / (a + b + 2)
    for here, first, second, at in ((inside & ~swap, a, b, x), (inside & swap, b, a, 1 - x)):
        if not here.any():
            continue
        place = at[here]
        log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
        weights = np.exp(log + first * np.log(place) + second * np.log1p(-place))
        values[here] = weights * _fractions(first, second, place) / first
    values[inside & swap] = 1 - values[inside & swap]
    return values


def _fractions(a: float, b: float, x: Floats) -> Floats:
    """The continued fraction at many places."""
    c = np.ones_like(x)
    d = 1 / _all_away(1 - (a + b) * x / (a + 1))
    value = d.copy()
    for m in range(1, 100 + 10 * math.isqrt(int(a + b))):
        for factor in (
            m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _all_away(1 + factor * x * d)
            c = _all_away(1 + factor * x / c)
            value *= c * d
        if float(np.abs(c * d - 1).max()) < ACCURACY * 10:
            break
    return value


def _all_away(values: Floats) -> Floats:
    return np.where(np.abs(values) > LEAST, values, LEAST)
