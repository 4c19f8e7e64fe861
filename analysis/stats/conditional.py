"""Exact inference given the margins: Fisher's test, its mid-p, and the odds ratio, over one stratum or several.

Given how many runs completed in each stratum, the number of them in B follows a hypergeometric law; their sum over
strata follows the convolution. One stratum is Fisher's exact test, several are the exact Mantel–Haenszel test.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval, TwoArms, checked
from harness.exact_test import TIE, support, tail_limit

WIDEST = 20_000
"""Points of support beyond which nobody waits for exact arithmetic, and nobody needs it."""

UNDERFLOW, REACH = 700.0, 600.0
"""Logarithms below the mode at which a factor is dropped, and down to which a convolution is then still accurate."""

Rising = Callable[[NDArray[np.float64]], float]
"""A function of the law that rises with the odds ratio."""


class TooLargeError(ValueError):
    """The counts are beyond exact arithmetic; a normal approximation is as good there."""


@dataclass(frozen=True)
class PValues:
    """One test, both ways."""

    two_sided: float
    greater: float
    """One-sided, for "B completes more often"."""
    mid: float
    """Two-sided, with half of the weight of outcomes as likely as the observed: closer to its level, not exact."""


@dataclass(frozen=True)
class ConditionalDistribution:
    """The law of the completions in B, all strata taken together, given the margins."""

    low: int
    """The least sum possible."""
    log_weights: NDArray[np.float64]
    """Unnormalised, at odds ratio 1; shape (number of possible sums,)."""
    observed: int

    @classmethod
    def of(cls, strata: Sequence[TwoArms]) -> "ConditionalDistribution":
        """Raises TooLargeError where the support is wider than `WIDEST`."""
        # Blocks of a sweep are many strata with few different tables.
        alike = Counter(strata)
        bounds = {arms: _support(checked(arms)) for arms in alike}
        if sum(times * (bounds[arms][1] - bounds[arms][0]) for arms, times in alike.items()) > WIDEST:
            raise TooLargeError(f"more than {WIDEST} possible sums")
        law = np.zeros(1)
        for arms, times in alike.items():
            _, log = log_weights(arms)
            # A stratum that can come out in one way only changes nothing.
            for _ in range(times if len(log) > 1 else 0):
                law = log_convolve(law, log)
        low = sum(times * bounds[arms][0] for arms, times in alike.items())
        return cls(low, law, sum(times * arms.k_b for arms, times in alike.items()))

    @property
    def high(self) -> int:
        return self.low + len(self.log_weights) - 1

    def law(self, log_odds: float = 0.0) -> NDArray[np.float64]:
        """Probabilities of each possible sum at an odds ratio; shape (number of possible sums,)."""
        log = self.log_weights + log_odds * np.arange(len(self.log_weights))
        weights: NDArray[np.float64] = np.exp(log - log.max())
        weights /= weights.sum()
        return weights

    def p_values(self) -> PValues:
        """Two-sided by probability: all sums that are no likelier than the observed one."""
        law = self.law()
        place = self.observed - self.low
        tail = law[law <= tail_limit(law[place])].sum()
        equal = law[np.isclose(law, law[place], rtol=TIE, atol=0.0)].sum()
        return PValues(
            two_sided=min(1.0, float(tail)),
            greater=min(1.0, float(law[place:].sum())),
            mid=min(1.0, float(tail - equal / 2)),
        )

    def odds_ratio(self) -> float:
        """The conditional maximum-likelihood odds ratio; 0 or infinite at an end of the support."""
        if self.low == self.high:
            return math.nan
        if self.observed == self.low:
            return 0.0
        if self.observed == self.high:
            return math.inf
        steps = np.arange(float(len(self.log_weights)))
        # Not law @ steps: on a busy machine the threads of a matrix library cost more than they save.
        return self._solve(lambda law: float((law * steps).sum()) - (self.observed - self.low))

    def odds_ratio_interval(self, confidence: float = CONFIDENCE) -> Interval:
        """The exact interval: odds ratios at which neither tail beyond the observed sum falls below α/2."""
        tail = (1 - confidence) / 2
        place = self.observed - self.low
        at_low, at_high = self.observed == self.low, self.observed == self.high
        low = 0.0 if at_low else self._solve(lambda law: float(law[place:].sum()) - tail)
        high = math.inf if at_high else self._solve(lambda law: tail - float(law[: place + 1].sum()))
        return Interval(low, high)

    def _solve(self, rising: Rising) -> float:
        """The odds ratio at which a function of the law that rises with it is zero, by bisection on its log."""
        low, high = -80.0, 80.0
        for _ in range(70):
            middle = (low + high) / 2
            if rising(self.law(middle)) < 0:
                low = middle
            else:
                high = middle
        return math.exp((low + high) / 2)


def two_sided_values(law: NDArray[np.float64]) -> NDArray[np.float64]:
    """The two-sided value of each possible sum; shape as `law`."""
    order = np.argsort(law)
    # Equally likely sums share the value of the last of them.
    last = np.searchsorted(law[order], tail_limit(law), side="right") - 1
    values: NDArray[np.float64] = np.minimum(1.0, np.cumsum(law[order])[last])
    return values


def fisher(arms: TwoArms) -> PValues:
    """Fisher's exact test of two rates: the house test."""
    return ConditionalDistribution.of([arms]).p_values()


def mantel_haenszel(strata: Sequence[TwoArms]) -> PValues:
    """The Mantel–Haenszel test by normal approximation, for counts beyond exact arithmetic (1959, uncorrected)."""
    excess = variance = 0.0
    for arms, times in Counter(strata).items():
        total, completed = arms.total, arms.completed
        excess += times * (arms.k_b - arms.n_b * completed / total)
        if total > 1:
            variance += times * arms.n_a * arms.n_b * completed * (total - completed) / (total**2 * (total - 1))
    if variance == 0:
        return PValues(1.0, 1.0, 1.0)
    z = excess / math.sqrt(variance)
    two_sided = math.erfc(abs(z) / math.sqrt(2))
    return PValues(two_sided, math.erfc(z / math.sqrt(2)) / 2, two_sided)


def log_convolve(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convolve two log-concave sequences given by their logarithms; shape (len(first) + len(second) − 1,).

    Ordinary numbers underflow far from the mode, where the conditional likelihood of a large effect lies. The
    sequences are therefore tilted by a geometric factor, as often as it takes for each place to be near a mode.
    """
    whole = np.empty(len(first) + len(second) - 1)
    low, near = _near_the_mode(first, second, 0.0)
    whole[low : low + len(near)] = near
    high = low + len(near)
    while low > 0:
        start, near = _near_the_mode(first, second, float(whole[low] - whole[min(low + 1, high - 1)]))
        whole[start:low] = near[: low - start]
        low = start
    while high < len(whole):
        start, near = _near_the_mode(first, second, float(whole[max(high - 2, low)] - whole[high - 1]))
        whole[high : start + len(near)] = near[high - start :]
        high = start + len(near)
    return whole


def _near_the_mode(
    first: NDArray[np.float64], second: NDArray[np.float64], tilt: float
) -> tuple[int, NDArray[np.float64]]:
    """Return the logarithms of a convolution near the mode that it has when tilted, and their first place."""
    starts, offset = 0, 0.0
    parts: list[NDArray[np.float64]] = []
    for part in (first, second):
        tilted = part + tilt * np.arange(len(part))
        offset += tilted.max()
        tilted -= tilted.max()
        kept = np.flatnonzero(tilted > -UNDERFLOW)
        starts += int(kept[0])
        parts.append(np.exp(tilted[kept[0] : kept[-1] + 1]))
    weights = np.convolve(parts[0], parts[1])
    kept = np.flatnonzero(weights > weights.max() * math.exp(-REACH))
    start = starts + int(kept[0])
    near: NDArray[np.float64] = np.log(weights[kept[0] : kept[-1] + 1]) + offset
    near -= tilt * np.arange(start, start + len(near))
    return start, near


def _support(arms: TwoArms) -> tuple[int, int]:
    in_b = support((arms.n_a, arms.n_b), arms.completed)
    return in_b[0], in_b[-1]


def log_weights(arms: TwoArms) -> tuple[int, NDArray[np.float64]]:
    """The least completions x possible in B given the margins, and log C(n_b, x)·C(n_a, completed − x) from it on."""
    low, high = _support(arms)
    log = log_factorials(arms.total)
    in_b = np.arange(low, high + 1)
    in_a = arms.completed - in_b
    ways: NDArray[np.float64] = log[arms.n_b] - log[in_b] - log[arms.n_b - in_b]
    ways += log[arms.n_a] - log[in_a] - log[arms.n_a - in_a]
    return low, ways


@lru_cache(maxsize=8)
def log_factorials(n: int) -> NDArray[np.float64]:
    """log 0! to log n!; shape (n + 1,)."""
    logs: NDArray[np.float64] = np.zeros(n + 1)
    logs[1:] = np.cumsum(np.log(np.arange(1, n + 1)))
    return logs
