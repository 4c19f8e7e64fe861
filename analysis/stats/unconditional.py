"""Inference over all tables that two arms of given sizes can show: Boschloo's test, power, and sample size."""

import sys
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import TwoArms, checked
from analysis.stats.conditional import ConditionalDistribution, log_factorials
from harness.exact_test import TIE

LARGEST_TABLE = 40_000
"""Cells of the sample space beyond which Boschloo's test is left out."""

TINY = sys.float_info.min


@lru_cache(maxsize=512)
def fisher_table(n_a: int, n_b: int) -> NDArray[np.float64]:
    """Two-sided Fisher values of every possible outcome; shape (n_a + 1, n_b + 1), rows k_a, columns k_b."""
    table = np.ones((n_a + 1, n_b + 1))
    for completed in range(n_a + n_b + 1):
        low, high = max(0, completed - n_a), min(n_b, completed)
        conditional = ConditionalDistribution.of([TwoArms(completed - low, n_a, low, n_b)])
        law = conditional.law()
        order = np.argsort(law)
        cumulative = np.cumsum(law[order])
        # Equally likely outcomes share the value of the last of them.
        last = np.searchsorted(law[order], law * (1 + TIE), side="right") - 1
        in_b = np.arange(low, high + 1)
        table[completed - in_b, in_b] = np.minimum(1.0, cumulative[last])
    return table


def boschloo(arms: TwoArms) -> float | None:
    """Boschloo's two-sided test (1970): Fisher's value as the statistic, its level taken over all common rates.

    Never larger than Fisher's value, and still exact. None where the sample space is beyond `LARGEST_TABLE`.
    """
    checked(arms)
    if (arms.n_a + 1) * (arms.n_b + 1) > LARGEST_TABLE:
        return None
    table = fisher_table(arms.n_a, arms.n_b)
    extreme = table <= table[arms.k_a, arms.k_b] * (1 + TIE)
    return min(1.0, _largest_level(extreme))


@dataclass(frozen=True)
class Design:
    """Two arms of a planned contrast, tested two-sided by Fisher at a level."""

    n_a: int
    n_b: int
    alpha: float = 0.05

    def power(self, rate_a: float, rate_b: float) -> float:
        """The chance that the test rejects if these are the true rates, summed over all outcomes."""
        rejected = fisher_table(self.n_a, self.n_b) <= self.alpha * (1 + TIE)
        return float(binomial(self.n_a, rate_a) @ rejected @ binomial(self.n_b, rate_b))

    def detectable(self, rate_a: float, power: float = 0.8) -> float | None:
        """The least rate of B above that of A found with this power, to 0.001; None if not even a rate of 1 is."""
        if self.power(rate_a, 1.0) < power:
            return None
        low, high = rate_a, 1.0
        while high - low > 0.001:
            middle = (low + high) / 2
            low, high = (low, middle) if self.power(rate_a, middle) >= power else (middle, high)
        return high


def runs_needed(
    rate_a: float, rate_b: float, *, power: float = 0.8, alpha: float = 0.05, most: int = 400
) -> int | None:
    """Fewest runs an arm with which these rates are told apart with this power; None if more than `most`."""
    enough = 2
    while Design(enough, enough, alpha).power(rate_a, rate_b) < power:
        if enough >= most:
            return None
        enough = min(most, enough * 2)
    # The power of an exact test is a sawtooth in n, so the smallest n is looked for one by one.
    candidates = range(max(2, enough // 2), enough + 1)
    return next(n for n in candidates if Design(n, n, alpha).power(rate_a, rate_b) >= power)


def binomial(n: int, rates: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of 0 to n completions; shape (n + 1,) of one rate, (len(rates), n + 1) of several."""
    counts = np.arange(n + 1)
    log = log_factorials(n)
    rate = np.asarray(rates)[..., np.newaxis]
    # The smallest positive number stands in for zero, whose logarithm is infinite.
    log_rate, log_rest = np.log(np.maximum(rate, TINY)), np.log(np.maximum(1 - rate, TINY))
    law: NDArray[np.float64] = np.exp(
        log[n] - log[counts] - log[n - counts] + counts * log_rate + (n - counts) * log_rest
    )
    return law


def _largest_level(extreme: NDArray[np.bool_]) -> float:
    """The largest chance of an extreme outcome over all rates that both arms may share: a grid, refined twice."""
    n_a, n_b = extreme.shape[0] - 1, extreme.shape[1] - 1
    low, high, largest = 0.0, 1.0, 0.0
    for _ in range(3):
        rates = np.linspace(low, high, 401)
        levels = ((binomial(n_a, rates) @ extreme) * binomial(n_b, rates)).sum(axis=1)
        best = int(np.argmax(levels))
        largest = max(largest, float(levels[best]))
        low, high = float(rates[max(0, best - 1)]), float(rates[min(len(rates) - 1, best + 1)])
    return largest
