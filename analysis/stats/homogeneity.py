"""Tests of whether strata share one odds ratio: whether "all strata together" describes any of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import WIDEST, TooLargeError, log_convolve, log_weights
from harness.exact_test import TIE

Floats = NDArray[np.float64]

MOST_STATES = 2_000_000
"""Partial tables that are enumerated in all, beyond which tables are drawn instead."""

DRAWS = 20_000
"""Tables drawn where there are too many to enumerate."""

SEED = 1

WARNING_LEVEL = 0.10
"""Level at or below which strata are said to disagree. Tests of homogeneity have little power, so .05 is too strict."""


@dataclass(frozen=True)
class Homogeneity:
    """Result of a test of one common odds ratio."""

    p: float
    method: str
    """`exact`, `drawn` (exact up to the error of `DRAWS` random tables) or `normal` (Breslow and Day)."""

    @property
    def warns(self) -> bool:
        """Return whether the strata disagree more than chance explains."""
        return self.p <= WARNING_LEVEL


def homogeneity(strata: Sequence[TwoArms]) -> Homogeneity | None:
    """Zelen's exact test that all strata have one odds ratio (Zelen 1971, "The analysis of several 2 × 2 tables").

    Given the margins of each stratum and the sum of completions in B over all strata, the tables have a law that
    depends on no parameter if the odds ratio is common. p is the chance of a table that is no likelier than the
    observed. Where there are too many tables, it is estimated from tables drawn from this law, counting the observed
    one too, which keeps the test valid (Besag and Clifford 1989). Where even single strata are too large, it is the
    chi-squared test of Breslow and Day with Tarone's correction.

    None where at most one table is possible, such as with fewer than two strata in which anything can vary.
    """
    mixed = [arms for arms in strata if min(arms.n_a, arms.n_b) > 0 and 0 < arms.completed < arms.total]
    if len(mixed) < 2:
        return None
    try:
        law = _TableLaw.of(mixed)
    except TooLargeError:
        p = breslow_day(mixed)
        return None if p is None else Homogeneity(p, "normal")
    if law.single:
        return None
    enumerated = law.enumerated()
    return Homogeneity(law.drawn(), "drawn") if enumerated is None else Homogeneity(enumerated, "exact")


@dataclass(frozen=True)
class _TableLaw:
    """The law of tables of several strata, given their margins and the sum of completions in B."""

    weights: list[Floats]
    """Logarithms of the hypergeometric weights of each stratum."""
    observed: list[int]
    """Places of the observed tables in them."""
    rest: list[Floats]
    """Convolutions of the weights of the strata from each one on; the last is that of none."""

    @classmethod
    def of(cls, strata: Sequence[TwoArms]) -> "_TableLaw":
        """Raises TooLargeError where the supports are wider than `WIDEST`."""
        parts = [log_weights(arms) for arms in strata]
        if sum(len(log) for _, log in parts) > WIDEST:
            raise TooLargeError(f"more than {WIDEST} possible sums")
        # Wide strata last: the number of partial tables stays small for longer.
        order = sorted(range(len(parts)), key=lambda place: len(parts[place][1]))
        weights = [parts[place][1] for place in order]
        rest = [np.zeros(1)]
        for log in reversed(weights):
            rest.append(log_convolve(log, rest[-1]))
        return cls(weights, [strata[place].k_b - parts[place][0] for place in order], rest[::-1])

    @property
    def total(self) -> int:
        return sum(self.observed)

    @property
    def single(self) -> bool:
        """Return whether the observed table is the only one."""
        return self.total in (0, len(self.rest[0]) - 1)

    @property
    def log_observed(self) -> float:
        return float(sum(log[place] for log, place in zip(self.weights, self.observed, strict=True)))

    def enumerated(self) -> float | None:
        """Return p over all tables; None where there are too many.

        Partial tables with the same sum and the same weight are one state, however many they are.
        """
        sums, logs, ways = np.zeros(1, dtype=np.int64), np.zeros(1), np.zeros(1)
        states = 0
        for log, rest in zip(self.weights[:-1], self.rest[1:-1], strict=True):
            states += len(sums) * len(log)
            if states > MOST_STATES:
                return None
            sums = (sums[:, None] + np.arange(len(log))).ravel()
            logs, ways = (logs[:, None] + log).ravel(), np.repeat(ways, len(log))
            # The sum that is left must be within reach of the strata that are left.
            reachable = (self.total - sums >= 0) & (self.total - sums < len(rest))
            sums, logs, ways = _merged(sums[reachable], logs[reachable], ways[reachable])
        logs = logs + self.weights[-1][self.total - sums]
        chances = np.exp(logs + ways - self.rest[0][self.total])
        extreme = logs <= self.log_observed + TIE
        return min(1.0, float(chances[extreme].sum()))

    def drawn(self) -> float:
        """Return p from `DRAWS` random tables and the observed one."""
        rng = np.random.default_rng(SEED)
        left = np.full(DRAWS, self.total)
        logs = np.zeros(DRAWS)
        for log, rest in zip(self.weights, self.rest[1:], strict=True):
            for sum_left in np.unique(left):
                here = np.flatnonzero(left == sum_left)
                low, high = max(0, sum_left - len(rest) + 1), min(len(log) - 1, sum_left)
                places = np.arange(low, high + 1)
                law = log[places] + rest[sum_left - places]
                cumulative = np.cumsum(np.exp(law - law.max()))
                chosen = np.searchsorted(cumulative, rng.random(len(here)) * cumulative[-1])
                logs[here] += log[places[chosen]]
                left[here] -= places[chosen]
        return float((1 + (logs <= self.log_observed + TIE).sum()) / (1 + DRAWS))


def breslow_day(strata: Sequence[TwoArms]) -> float | None:
    """Breslow and Day's chi-squared test of one odds ratio (1980), with Tarone's correction (1985).

    None where the Mantel–Haenszel odds ratio is 0, infinite or unknown.
    """
    gain = sum(arms.k_b * (arms.n_a - arms.k_a) / arms.total for arms in strata)
    loss = sum(arms.k_a * (arms.n_b - arms.k_b) / arms.total for arms in strata)
    if not gain or not loss:
        return None
    ratio = gain / loss
    statistic = excess = spread = 0.0
    for arms in strata:
        expected = _expected(arms, ratio)
        cells = (expected, arms.completed - expected, arms.n_b - expected, arms.n_a - arms.completed + expected)
        variance = 1 / sum(1 / cell for cell in cells)
        statistic += (arms.k_b - expected) ** 2 / variance
        excess += arms.k_b - expected
        spread += variance
    return _chi_squared_tail(max(0.0, statistic - excess**2 / spread), len(strata) - 1)


def _expected(arms: TwoArms, ratio: float) -> float:
    """Return the completions of B that have just this odds ratio, given the margins."""
    done, n_b, rest = arms.completed, arms.n_b, arms.n_a - arms.completed
    a, b, c = 1 - ratio, rest + ratio * (done + n_b), -ratio * done * n_b
    if abs(a) < 1e-12:
        return -c / b
    # The root in the possible range, written so that no digits cancel.
    root = math.sqrt(b * b - 4 * a * c)
    return -2 * c / (b + root)


def _chi_squared_tail(statistic: float, freedom: int) -> float:
    from scipy.special import gammaincc  # noqa: PLC0415 - half a second that most commands need not pay

    return float(gammaincc(freedom / 2, statistic / 2))


def _merged(sums: NDArray[np.int64], logs: Floats, ways: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return states without repetition: the sum, the log of the weight, and the log of the chance of the state.

    Two weights that differ by rounding alone are one.
    """
    order = np.lexsort((logs, sums))
    sums, logs, ways = sums[order], logs[order], ways[order]
    new = np.ones(len(sums), dtype=bool)
    new[1:] = (np.diff(sums) > 0) | (np.diff(logs) > TIE / 100)
    starts = np.flatnonzero(new)
    return sums[starts], logs[starts], np.logaddexp.reduceat(ways, starts)
