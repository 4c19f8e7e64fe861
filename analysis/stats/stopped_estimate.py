"""Rates of two arms after an early stop, without the bias that the stop brings."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import fisher
from analysis.stats.confidence_sequence import log_e_values
from harness.exact_test import TIE

Grid = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_BLOCKS = 60
"""Planned blocks up to which every path to a stop is counted."""

CLOSE = 1e-9
"""Tolerance of an e-process that reaches its bound exactly, in its logarithm."""


class StoppingRule(NamedTuple):
    """Rule by which a contrast in one stratum stops, looked at after every block of one run of A and one of B."""

    stop: str
    """curtail or evalue."""
    blocks: int
    """Blocks planned."""
    side: str
    alpha: float


class AdjustedRates(NamedTuple):
    """Rates of A and B whose mean over all sweeps under the rule is the true rate."""

    a: float
    b: float

    @property
    def difference(self) -> float:
        return self.b - self.a


def adjusted_rates(rule: StoppingRule, arms: TwoArms) -> AdjustedRates | None:
    """Return the unbiased rates after a stop (Girshick, Mosteller and Savage 1946).

    Among all orders of the outcomes that lead to these counts without a stop before, it is the share of those whose
    first block completed. None where the rule does not stop at these counts, for an unknown rule, unequal arms, and
    more than `MOST_BLOCKS` planned blocks.
    """
    known = rule.stop in RULES and rule.blocks <= MOST_BLOCKS
    if not known or arms.n_a != arms.n_b or not 0 < arms.n_a <= rule.blocks:
        return None
    paths = _paths(rule, arms.n_a)
    total, first_a, first_b = (float(grid[arms.k_a, arms.k_b]) for grid in paths)
    if not total or not stops_at(rule, arms.n_a)[arms.k_a, arms.k_b]:
        return None
    return AdjustedRates(first_a / total, first_b / total)


def stops_at(rule: StoppingRule, block: int) -> Flags:
    """Return the completions of A and B at which the rule stops after a block; shape (block + 1, block + 1)."""
    return RULES[rule.stop](rule, block) if block < rule.blocks else np.ones((block + 1, block + 1), dtype=bool)


def _curtailed(rule: StoppingRule, block: int) -> Flags:
    """Counts from which every outcome of the runs left leads to the same verdict of the planned test."""
    rejected, left = _rejected(rule), rule.blocks - block
    sums = np.zeros((rule.blocks + 2, rule.blocks + 2))
    sums[1:, 1:] = rejected.cumsum(axis=0).cumsum(axis=1)
    low, high = np.arange(block + 1), np.arange(block + 1) + left + 1
    among = sums[np.ix_(high, high)] - sums[np.ix_(low, high)] - sums[np.ix_(high, low)] + sums[np.ix_(low, low)]
    flags: Flags = (among == 0) | (among == (left + 1) ** 2)
    return flags


@lru_cache(maxsize=32)
def _rejected(rule: StoppingRule) -> Flags:
    """Outcomes of all planned runs that the declared test rejects; shape (blocks + 1, blocks + 1)."""
    n = rule.blocks
    allowed = rule.alpha * (1 + TIE)
    rejected = np.zeros((n + 1, n + 1), dtype=bool)
    for a in range(n + 1):
        for b in range(n + 1):
            arms = TwoArms(b, n, a, n) if rule.side == "less" else TwoArms(a, n, b, n)
            p = fisher(arms)
            rejected[a, b] = (p.two_sided if rule.side == "two" else p.greater) <= allowed
    return rejected


def _by_e_process(rule: StoppingRule, block: int) -> Flags:
    """Counts at which the e-process has reached 1/alpha, or no longer can."""
    bound = -math.log(rule.alpha) - CLOSE
    counts = np.arange(block + 1.0)
    a, b = (grid.ravel() for grid in np.meshgrid(counts, counts, indexing="ij"))
    value = log_e_values(a, b, block, rule.side)
    left = rule.blocks - block
    most = np.max(
        [value, *(log_e_values(a + i * left, b + j * left, block + left, rule.side) for i in (0, 1) for j in (0, 1))],
        axis=0,
    )
    flags: Flags = ((value >= bound) | (most < bound)).reshape(block + 1, block + 1)
    return flags


RULES: dict[str, Callable[[StoppingRule, int], Flags]] = {"curtail": _curtailed, "evalue": _by_e_process}


@lru_cache(maxsize=4 * MOST_BLOCKS)
def _paths(rule: StoppingRule, block: int) -> tuple[Grid, Grid, Grid]:
    """Return the orders of outcomes that lead to each pair of counts after a block without a stop before.

    All of them, those whose first run of A completed, and of B. Each order has the weight it would have at even rates.
    """
    if block == 1:
        first = np.full((2, 2), 0.25)
        return first, first * [[0.0], [1.0]], first * [0.0, 1.0]
    going_on = ~stops_at(rule, block - 1)
    total, first_a, first_b = (_after_one(grid * going_on) for grid in _paths(rule, block - 1))
    return total, first_a, first_b


def _after_one(grid: Grid) -> Grid:
    """Return the weights after one more block, each of whose four outcomes is as likely."""
    size = grid.shape[0] + 1
    after = np.zeros((size, size))
    for i in (0, 1):
        for j in (0, 1):
            after[i : i + size - 1, j : j + size - 1] += grid / 4
    return after
