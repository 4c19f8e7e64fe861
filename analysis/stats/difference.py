"""The difference of two completion rates, with Miettinen and Nurminen's interval."""

import math
from collections.abc import Sequence

from analysis.stats.arms import CONFIDENCE, Interval, TwoArms, checked
from analysis.stats.proportion import z_quantile


def risk_difference(strata: Sequence[TwoArms]) -> float:
    """Rate of B less rate of A, in [-1, 1]; over several strata their Mantel–Haenszel weighted mean."""
    weights = [_weight(arms) for arms in strata]
    return sum(w * arms.difference for w, arms in zip(weights, strata, strict=True)) / sum(weights)


def miettinen_nurminen(strata: Sequence[TwoArms], confidence: float = CONFIDENCE) -> Interval:
    """The score interval of the risk difference (Miettinen and Nurminen 1985), Mantel–Haenszel weights over strata.

    The bounds are the differences at which the score statistic, its variance taken at the likeliest rates that
    have just this difference, reaches the normal quantile.
    """
    strata = [checked(arms) for arms in strata]
    z = z_quantile(confidence)
    estimate = risk_difference(strata)
    low = -1.0 if estimate <= -1 else _crossing(strata, -1.0, estimate, z)
    high = 1.0 if estimate >= 1 else _crossing(strata, estimate, 1.0, -z)
    return Interval(low, high)


def score(strata: Sequence[TwoArms], difference: float) -> float:
    """The score statistic of "the risk difference is just this"; standard normal if it is."""
    distance = sum(_weight(arms) * (arms.difference - difference) for arms in strata)
    variance = sum(_weight(arms) ** 2 * _variance(arms, difference) for arms in strata)
    if variance <= 0:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def restricted_rates(arms: TwoArms, difference: float) -> tuple[float, float]:
    """The likeliest rates of A and B among those that differ by just this: a root of a cubic, in closed form."""
    k_a, n_a, k_b, n_b = arms
    total, completed = n_a + n_b, k_a + k_b
    c2 = ((n_b + 2 * n_a) * difference - total - completed) / total
    c1 = ((n_a * difference - total - 2 * k_a) * difference + completed) / total
    c0 = k_a * difference * (1 - difference) / total
    q = c2**3 / 27 - c1 * c2 / 6 + c0 / 2
    p = math.copysign(math.sqrt(max(c2 * c2 / 9 - c1 / 3, 0.0)), q)
    angle = (math.pi + math.acos(max(-1.0, min(1.0, q / p**3 if p else 0.0)))) / 3
    rate_a = 2 * p * math.cos(angle) - c2 / 3
    rate_a = min(max(rate_a, 0.0, -difference), 1.0, 1 - difference)
    return rate_a, rate_a + difference


def _weight(arms: TwoArms) -> float:
    return arms.n_a * arms.n_b / arms.total


def _variance(arms: TwoArms, difference: float) -> float:
    rate_a, rate_b = restricted_rates(arms, difference)
    plain = rate_a * (1 - rate_a) / arms.n_a + rate_b * (1 - rate_b) / arms.n_b
    return plain * arms.total / (arms.total - 1)


def _crossing(strata: Sequence[TwoArms], low: float, high: float, target: float) -> float:
    """Return the difference at which the score, which falls as it grows, passes the target: by bisection."""
    for _ in range(60):
        middle = (low + high) / 2
        if score(strata, middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
