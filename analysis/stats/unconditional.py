"""Tests over all tables that two arms of given sizes can show, whatever the common rate: Boschloo's."""

import sys
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import TwoArms, checked
from analysis.stats.conditional import ConditionalDistribution, log_factorials, two_sided_values
from harness.exact_test import TIE

LARGEST_TABLE = 40_000
"""Cells of the sample space beyond which Boschloo's test is left out."""

TINY = sys.float_info.min


@lru_cache(maxsize=512)
def _greater_table(n_a: int, n_b: int) -> NDArray[np.float64]:
    """Fisher's one-sided values, for "B completes more often", of every outcome; shape (n_a + 1, n_b + 1)."""
    table = np.ones((n_a + 1, n_b + 1))
    for completed in range(n_a + n_b + 1):
        low, high = max(0, completed - n_a), min(n_b, completed)
        law = ConditionalDistribution.of([TwoArms(completed - low, n_a, low, n_b)]).law()
        in_b = np.arange(low, high + 1)
        table[completed - in_b, in_b] = np.minimum(1.0, np.cumsum(law[::-1])[::-1])
    return table


@lru_cache(maxsize=512)
def fisher_table(n_a: int, n_b: int) -> NDArray[np.float64]:
    """Two-sided Fisher values of every possible outcome; shape (n_a + 1, n_b + 1), rows k_a, columns k_b."""
    table = np.ones((n_a + 1, n_b + 1))
    for completed in range(n_a + n_b + 1):
        low, high = max(0, completed - n_a), min(n_b, completed)
        law = ConditionalDistribution.of([TwoArms(completed - low, n_a, low, n_b)]).law()
        in_b = np.arange(low, high + 1)
        table[completed - in_b, in_b] = two_sided_values(law)
    return table


def boschloo(arms: TwoArms) -> float | None:
    """Boschloo's two-sided test (1970), tables ordered by Fisher's two-sided value, its level over all common rates.

    Never larger than Fisher's two-sided value, and still exact. None where the sample space is beyond
    `LARGEST_TABLE`. SciPy orders tables otherwise: see `boschloo_doubled`.
    """
    checked(arms)
    if (arms.n_a + 1) * (arms.n_b + 1) > LARGEST_TABLE:
        return None
    table = fisher_table(arms.n_a, arms.n_b)
    return min(1.0, largest_level(table <= table[arms.k_a, arms.k_b] * (1 + TIE)))


def boschloo_doubled(arms: TwoArms) -> float | None:
    """Boschloo's two-sided test as `scipy.stats.boschloo_exact` defines it: twice the smaller one-sided test.

    A one-sided test orders tables by Fisher's one-sided value. None where the sample space is beyond `LARGEST_TABLE`.
    """
    checked(arms)
    if (arms.n_a + 1) * (arms.n_b + 1) > LARGEST_TABLE:
        return None
    levels = []
    for one in (arms, arms.swapped()):
        table = _greater_table(one.n_a, one.n_b)
        levels.append(largest_level(table <= table[one.k_a, one.k_b] * (1 + TIE)))
    return min(1.0, 2 * min(levels))


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


def largest_level(extreme: NDArray[np.bool_], difference: float = 0.0) -> float:
    """The largest chance of an extreme outcome over all rates of A and B that differ by just this.

    A grid, refined twice; `extreme` has shape (n_a + 1, n_b + 1), rows k_a, columns k_b.
    """
    n_a, n_b = extreme.shape[0] - 1, extreme.shape[1] - 1
    low, high, largest = max(0.0, -difference), min(1.0, 1 - difference), 0.0
    for _ in range(3):
        rates = np.linspace(low, high, 401)
        rates_b = np.clip(rates + difference, 0.0, 1.0)
        levels = ((binomial(n_a, rates) @ extreme) * binomial(n_b, rates_b)).sum(axis=1)
        best = int(np.argmax(levels))
        largest = max(largest, float(levels[best]))
        low, high = float(rates[max(0, best - 1)]), float(rates[min(len(rates) - 1, best + 1)])
    return largest
