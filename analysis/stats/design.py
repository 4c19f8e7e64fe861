"""Power of planned contrasts under the exact test, and the runs that they need."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, product

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import ConditionalDistribution, log_factorials, two_sided_values
from analysis.stats.unconditional import binomial, fisher_table
from harness.exact_test import TIE

Floats = NDArray[np.float64]

MOST_RUNS = 400
"""Runs an arm up to which designs are examined."""

MOST_MARGINS = 60_000
"""Combinations of margins of several strata that are enumerated, beyond which experiments are simulated."""

EXPERIMENTS = 4_000
"""Experiments that are simulated there."""

SEED = 1

NEVER = 1e-15
"""Chance of margins that are left out."""


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


@dataclass(frozen=True)
class StratifiedPower:
    """The power of a contrast over several strata."""

    power: float
    error: float
    """Standard error of a simulated power; 0 of an enumerated one."""


def stratified_power(runs: int, rates: Sequence[tuple[float, float]], alpha: float = 0.05) -> StratifiedPower:
    """Power of the exact Mantel–Haenszel test, two-sided, with `runs` in both arms of each stratum.

    `rates` are the true rates of A and of B in each stratum. Exact where the margins of the strata have at most
    `MOST_MARGINS` combinations; else the share of `EXPERIMENTS` simulated experiments, repeatable.
    """
    if len(rates) == 1:
        return StratifiedPower(Design(runs, runs, alpha).power(*rates[0]), 0.0)
    test = _StratifiedTest(runs, alpha)
    margins = 2 * runs + 1
    alike = len(set(rates)) == 1
    combinations = math.comb(margins + len(rates) - 1, len(rates)) if alike else margins ** len(rates)
    if combinations <= MOST_MARGINS:
        return StratifiedPower(min(1.0, sum(_enumerated(test, rates, alike=alike))), 0.0)
    rng = np.random.default_rng(SEED)
    done_a, done_b = (rng.binomial(runs, [pair[arm] for pair in rates], (EXPERIMENTS, len(rates))) for arm in (0, 1))
    rejected = [test.rejects(tuple(sorted(map(int, a + b))), int(b.sum())) for a, b in zip(done_a, done_b, strict=True)]
    power = float(np.mean(rejected))
    return StratifiedPower(power, math.sqrt(max(power * (1 - power), 1 / EXPERIMENTS) / EXPERIMENTS))


def runs_needed(
    rate_a: float, rate_b: float, *, power: float = 0.8, alpha: float = 0.05, most: int = MOST_RUNS
) -> int | None:
    """Fewest runs an arm from which on these rates are told apart with this power, whatever the size up to `most`.

    The power of an exact test is a sawtooth in the runs: a size may have enough while the next one has not. None if
    `most` runs an arm have too little.
    """
    needed = None
    for runs in range(most, 1, -1):
        if balanced_power(runs, rate_a, rate_b, alpha) < power:
            break
        needed = runs
    return needed


def balanced_power(runs: int, rate_a: float, rate_b: float, alpha: float = 0.05) -> float:
    """Power of Fisher's two-sided test with arms of one size: `Design.power` without the table of all values.

    Given the completions of both arms together, the law of those in B is symmetric, so that the two-sided value is
    twice the tail beyond the observed distance from the middle.
    """
    chances_a, chances_b = binomial(runs, rate_a), binomial(runs, rate_b)
    # Outcomes that practically never happen change no power.
    places_a, places_b = (np.flatnonzero(chances > 1e-12) for chances in (chances_a, chances_b))
    in_a, in_b = places_a[:, None], places_b[None, :]
    first, last = int(places_a[0] + places_b[0]), int(places_a[-1] + places_b[-1])
    least = np.array([_least_rejected(runs, total, alpha) for total in range(first, last + 1)])
    rejected = np.maximum(in_a, in_b) >= least[in_a + in_b - first]
    return float(chances_a[places_a] @ rejected @ chances_b[places_b])


def _least_rejected(runs: int, total: int, alpha: float) -> int:
    """The least completions of the better arm with which the test rejects, of a total; more than that if none does."""
    log = log_factorials(2 * runs)
    upper = np.arange(min(runs, total), (total - 1) // 2, -1)
    lower = total - upper
    ways = 2 * log[runs] - log[upper] - log[runs - upper] - log[lower] - log[runs - lower]
    law = np.exp(ways - (log[2 * runs] - log[total] - log[2 * runs - total]))
    rejecting = int(np.searchsorted(2 * np.cumsum(law), alpha * (1 + TIE), side="right"))
    # The middle of an even total has a value of 1, never twice its tail.
    if rejecting and upper[rejecting - 1] == lower[rejecting - 1]:
        rejecting -= 1
    return int(upper[rejecting - 1]) if rejecting else total + 1


class _StratifiedTest:
    """Rejection regions of the stratified test, each worked out once."""

    def __init__(self, runs: int, alpha: float) -> None:
        self.runs = runs
        self._alpha = alpha
        self._regions: dict[tuple[int, ...], NDArray[np.bool_]] = {}

    def region(self, margins: tuple[int, ...]) -> NDArray[np.bool_]:
        """Return which sums of completions in B reject, from the least possible on."""
        if margins not in self._regions:
            law = self._distribution(margins).law()
            self._regions[margins] = two_sided_values(law) <= self._alpha * (1 + TIE)
        return self._regions[margins]

    def rejects(self, margins: tuple[int, ...], in_b: int) -> bool:
        return bool(self.region(margins)[in_b - sum(max(0, total - self.runs) for total in margins)])

    def _distribution(self, margins: tuple[int, ...]) -> ConditionalDistribution:
        lows = [max(0, total - self.runs) for total in margins]
        tables = zip(margins, lows, strict=True)
        return ConditionalDistribution.of([TwoArms(total - low, self.runs, low, self.runs) for total, low in tables])


def _enumerated(test: _StratifiedTest, rates: Sequence[tuple[float, float]], *, alike: bool) -> Iterator[float]:
    """Yield the chance of a rejection with each combination of margins; of strata that are alike, in any order."""
    parts = [_joint_chances(test.runs, pair) for pair in rates]
    totals, strata = range(2 * test.runs + 1), len(rates)
    for margins in combinations_with_replacement(totals, strata) if alike else product(totals, repeat=strata):
        joint = np.ones(1)
        for part, total in zip(parts, margins, strict=True):
            joint = np.convolve(joint, part[total])
        if joint.sum() < NEVER:
            continue
        repeats = math.prod(math.factorial(margins.count(total)) for total in set(margins))
        orders = math.factorial(strata) // repeats if alike else 1
        yield orders * float(joint[test.region(tuple(sorted(margins)))].sum())


def _joint_chances(runs: int, rates: tuple[float, float]) -> list[Floats]:
    """Chances of the completions in B, from the least possible on, together with each total of one stratum."""
    a, b = binomial(runs, rates[0]), binomial(runs, rates[1])
    chances: list[Floats] = []
    for total in range(2 * runs + 1):
        in_b = np.arange(max(0, total - runs), min(runs, total) + 1)
        chances.append(a[total - in_b] * b[in_b])
    return chances
