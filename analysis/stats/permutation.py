"""A permutation test of two arms over tasks: labels of the arms are exchanged among the runs of each task."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import TwoArms, checked
from analysis.stats.conditional import log_weights

WIDEST = 100_000
"""Steps of the statistic beyond which permutations are drawn instead of enumerated."""

DRAWS = 20_000
"""Permutations drawn where there are too many values."""

SEED = 1


@dataclass(frozen=True)
class PermutationTest:
    """Result of a permutation test."""

    difference: float
    """The statistic: mean over tasks of the rate of B less that of A."""
    p: float
    """Two-sided: share of the permutations whose difference is as far from 0."""
    exact: bool
    """False where p is estimated from `DRAWS` permutations and the observed one."""


@dataclass(frozen=True)
class _Stratum:
    """The law of one task's part of the statistic."""

    step: int
    """By which the statistic rises with one completion more in B."""
    low: int
    """The part at the least number of completions in B that is possible."""
    law: NDArray[np.float64]
    """Chance of each possible number of them."""


def permutation_test(tasks: Sequence[TwoArms]) -> PermutationTest:
    """Test whether two arms differ, whatever the tasks are.

    Under the hypothesis the runs of a task are alike, whichever arm they are of: within each task every assignment of
    its runs to the arms is equally likely (Fisher 1935, Pitman 1937). The statistic counts each task alike, however
    many runs it has; with equally many of both arms in all tasks the test is the exact Mantel–Haenszel test. Raises
    ValueError without tasks, and for counts that are none.
    """
    if not tasks:
        raise ValueError("a permutation test needs a task")
    scale = math.lcm(*(checked(arms).n_a * arms.n_b for arms in tasks))
    strata = [_stratum(arms, scale) for arms in tasks]
    observed = sum(scale // (arms.n_a * arms.n_b) * (arms.k_b * arms.n_a - arms.k_a * arms.n_b) for arms in tasks)
    difference = sum(arms.difference for arms in tasks) / len(tasks)
    varying = [one for one in strata if len(one.law) > 1]
    if not varying:
        return PermutationTest(difference, 1.0, exact=True)
    unit = math.gcd(*(one.step for one in varying))
    low = sum(one.low for one in strata)
    if sum(one.step // unit * (len(one.law) - 1) for one in varying) > WIDEST:
        return PermutationTest(difference, _drawn(varying, low, abs(observed)), exact=False)
    law = np.ones(1)
    for one in varying:
        spaced = np.zeros((len(one.law) - 1) * (one.step // unit) + 1)
        spaced[:: one.step // unit] = one.law
        law = np.convolve(law, spaced)
    # Whole numbers: no value is lost to, or gained from, rounding.
    far = np.array([abs(low + unit * place) >= abs(observed) for place in range(len(law))])
    return PermutationTest(difference, min(1.0, float(law[far].sum())), exact=True)


def _stratum(arms: TwoArms, scale: int) -> _Stratum:
    least, log = log_weights(arms)
    law = np.exp(log - log.max())
    share = scale // (arms.n_a * arms.n_b)
    low = share * (least * arms.n_a - (arms.completed - least) * arms.n_b)
    return _Stratum(share * arms.total, low, law / law.sum())


def _drawn(strata: Sequence[_Stratum], low: int, observed: int) -> float:
    """Return p from random permutations, the observed one counted too, so that the test stays valid."""
    rng = np.random.default_rng(SEED)
    # Beyond 2^53 sums are no longer whole, but draws need not be told apart by one step of that size.
    values = np.full(DRAWS, float(low))
    for one in strata:
        values += float(one.step) * rng.choice(len(one.law), DRAWS, p=one.law)
    return float((1 + (np.abs(values) >= observed * (1 - 1e-12)).sum()) / (1 + DRAWS))
