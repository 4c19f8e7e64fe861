"""Tests that two rates differ by less than a margin: what a result that is not significant can show."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import TwoArms, checked
from analysis.stats.difference import score
from analysis.stats.unconditional import LARGEST_TABLE, largest_level
from harness.exact_test import TIE

Floats = NDArray[np.float64]

RESOLUTION = 0.001
"""Steps to which margins are searched."""


@dataclass(frozen=True)
class Equivalence:
    """One-sided tests of the difference of rates B − A against a margin, 0 < margin < 1."""

    margin: float
    exact: bool
    """False where p is that of the score statistic, by normal approximation."""
    p_non_inferior: float
    """Against "B completes less often than A by the margin or more"."""
    p_non_superior: float
    """Against "B completes more often than A by the margin or more"."""

    @property
    def p(self) -> float:
        """Two one-sided tests (Schuirmann 1987): the larger value is that of "the rates differ by the margin"."""
        return max(self.p_non_inferior, self.p_non_superior)


def equivalence(strata: Sequence[TwoArms], margin: float) -> Equivalence:
    """Non-inferiority and equivalence of B and A.

    The statistic is the score of Farrington and Manning (1990), which inverts Miettinen and Nurminen's interval. In one
    stratum with at most `LARGEST_TABLE` outcomes its level is exact: the largest chance, over all rates that differ by
    the margin, of a statistic as extreme (Chan 1998). Elsewhere it is the normal approximation, with Mantel–Haenszel
    weights over strata. Raises ValueError for a margin that is not between 0 and 1.
    """
    if not 0 < margin < 1:
        raise ValueError(f"margin {margin:g}: must lie between 0 and 1")
    test = _one_sided(strata)
    return Equivalence(margin, _is_exact(strata), test(strata, margin), test(_swapped(strata), margin))


def smallest_margin(strata: Sequence[TwoArms], alpha: float = 0.05) -> float:
    """The smallest margin within which the rates are shown to lie, by the tests of `equivalence`; to 0.001.

    By the normal approximation it is the larger end, in size, of Miettinen and Nurminen's interval of confidence
    1 − 2·alpha.
    """
    return max(smallest_non_inferior_margin(strata, alpha), smallest_non_inferior_margin(_swapped(strata), alpha))


def smallest_non_inferior_margin(strata: Sequence[TwoArms], alpha: float = 0.05) -> float:
    """The smallest margin by which B is shown to complete no less often than A; to 0.001, and 0 if it is superior."""
    test = _one_sided(strata)
    if test(strata, 0.0) <= alpha:
        return 0.0
    low, high = 0, round(1 / RESOLUTION)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if test(strata, middle * RESOLUTION) <= alpha else (middle, high)
    return high * RESOLUTION


def _one_sided(strata: Sequence[TwoArms]) -> Callable[[Sequence[TwoArms], float], float]:
    return _exact_p if _is_exact(strata) else _score_p


def _is_exact(strata: Sequence[TwoArms]) -> bool:
    return len(strata) == 1 and (strata[0].n_a + 1) * (strata[0].n_b + 1) <= LARGEST_TABLE


def _swapped(strata: Sequence[TwoArms]) -> list[TwoArms]:
    return [arms.swapped() for arms in strata]


def _score_p(strata: Sequence[TwoArms], margin: float) -> float:
    """Against "the difference is at most −margin", by normal approximation."""
    return math.erfc(score([checked(arms) for arms in strata], -margin) / math.sqrt(2)) / 2


def _exact_p(strata: Sequence[TwoArms], margin: float) -> float:
    """Against "the difference is at most −margin", its level over all rates with just this difference."""
    arms = checked(strata[0])
    scores = score_table(arms.n_a, arms.n_b, -margin)
    observed = scores[arms.k_a, arms.k_b]
    return min(1.0, largest_level(scores >= observed - TIE * max(1.0, abs(observed)), -margin))


def score_table(n_a: int, n_b: int, difference: float) -> Floats:
    """The score statistic of every outcome, as `difference.score` has it; shape (n_a + 1, n_b + 1), rows k_a.

    An outcome without variance has the largest finite statistic in size.
    """
    k_a, k_b = np.arange(n_a + 1.0)[:, None], np.arange(n_b + 1.0)[None, :]
    total, completed = n_a + n_b, k_a + k_b
    c2 = ((n_b + 2 * n_a) * difference - total - completed) / total
    c1 = ((n_a * difference - total - 2 * k_a) * difference + completed) / total
    c0 = k_a * difference * (1 - difference) / total
    q = c2**3 / 27 - c1 * c2 / 6 + c0 / 2
    p = np.copysign(np.sqrt(np.maximum(c2 * c2 / 9 - c1 / 3, 0.0)), q)
    ratio = np.divide(q, p**3, out=np.zeros_like(q), where=p != 0)
    angle = (math.pi + np.arccos(np.clip(ratio, -1.0, 1.0))) / 3
    rate_a = np.clip(2 * p * np.cos(angle) - c2 / 3, max(0.0, -difference), min(1.0, 1 - difference))
    rate_b = rate_a + difference
    variance = (rate_a * (1 - rate_a) / n_a + rate_b * (1 - rate_b) / n_b) * total / (total - 1)
    distance = k_b / n_b - k_a / n_a - difference
    # Rounding leaves distances and variances that are none.
    distance[np.abs(distance) < 1e-12] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        scores: Floats = np.where(distance == 0, 0.0, distance / np.sqrt(np.maximum(variance, 1e-300)))
    return scores
