"""The Beta distribution, without the half second that SciPy takes to load."""

import math

LEAST = 1e-300
"""Stands in for 0 in a continued fraction."""

ACCURACY = 1e-15


def beta_cdf(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, P(X ≤ x) for X of Beta(a, b) with a, b > 0.

    Its continued fraction, evaluated by Lentz's method (Press and others, Numerical Recipes, 2007, section 6.4).
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_cdf(b, a, 1 - x)
    log = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log) * _fraction(a, b, x) / a


def beta_quantile(a: float, b: float, p: float) -> float:
    """The x with P(X ≤ x) = p, by bisection down to neighbouring numbers."""
    # A quantile near 1 is the complement of one near 0, where floating point is fine.
    if beta_cdf(a, b, 0.5) < p:
        return 1 - beta_quantile_low(b, a, 1 - p)
    return beta_quantile_low(a, b, p)


def beta_quantile_low(a: float, b: float, p: float) -> float:
    """The quantile where it is at most one half: by bisection on its logarithm."""
    low, high = -700.0, math.log(0.5)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_cdf(a, b, math.exp(middle)) < p else (low, middle)
    return math.exp((low + high) / 2)


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 100 + 10 * math.isqrt(int(a + b))):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away(1 + numerator * d)
            c = _away(1 + numerator / c)
            value *= c * d
        if abs(c * d - 1) < ACCURACY:
            break
    return value


def _away(value: float) -> float:
    """The value itself, or the least number if it is next to 0."""
    return value if abs(value) > LEAST else LEAST
