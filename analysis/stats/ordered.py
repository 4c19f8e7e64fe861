"""Rates along an ordered factor, and outcomes along time."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval, TwoArms
from analysis.stats.conditional import fisher, log_factorials
from analysis.stats.multiplicity import holm

Order = NDArray[np.bool_]
"""Completions of some runs as true or false, in order of their start."""

TIE = 1e-9
EXACT_RUNS = 200
"""Runs up to which laws over orders are computed exactly."""


class LadderRung(NamedTuple):
    """Completions out of runs at one level of an ordered factor."""

    level: float
    completed: int
    runs: int


def isotonic(rungs: Sequence[LadderRung]) -> list[float]:
    """The likeliest rates that never fall from one rung to the next: neighbours that do are averaged."""
    pools: list[tuple[float, int, int]] = []
    for rung in rungs:
        pools.append((float(rung.completed), rung.runs, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (k1, n1, size1), (k2, n2, size2) = pools[-2:]
            pools[-2:] = [(k1 + k2, n1 + n2, size1 + size2)]
    return [k / n for k, n, size in pools for _ in range(size)]


def trend(rungs: Sequence[LadderRung]) -> float:
    """Exact one-sided value for "completion rises along the ladder": Cochran and Armitage's test on rung numbers.

    The law of the score given how many runs completed in all; by normal approximation beyond `EXACT_RUNS` runs.
    """
    counts = [(rung.completed, rung.runs) for rung in rungs]
    total, done = sum(n for _, n in counts), sum(k for k, _ in counts)
    observed = sum(place * k for place, (k, _) in enumerate(counts))
    if total > EXACT_RUNS:
        return _normal_trend(counts, observed, total, done)
    law = np.zeros((done + 1, done * (len(counts) - 1) + 1))
    law[0, 0] = 1.0
    for place, (_, runs) in enumerate(counts):
        after = np.zeros_like(law)
        for k in range(min(runs, done) + 1):
            shift = place * k
            after[k:, shift:] += math.comb(runs, k) * law[: done + 1 - k, : law.shape[1] - shift]
        law = after / after.max()
    scores = law[done]
    return min(1.0, float(scores[observed:].sum() / scores.sum()))


def violation(rungs: Sequence[LadderRung]) -> float:
    """Return the evidence against "more budget never hurts": the least Holm-adjusted one-sided Fisher p over all pairs
    of rungs in which the lower one may have done better."""
    pairs = [(low, high) for place, low in enumerate(rungs) for high in rungs[place + 1 :]]
    worse = [fisher(TwoArms(high.completed, high.runs, low.completed, low.runs)).greater for low, high in pairs]
    return min(holm(worse), default=1.0)


def floor(rungs: Sequence[LadderRung], confidence: float = CONFIDENCE) -> tuple[float | None, Interval]:
    """The least level at which a run is more likely to complete than not, and an interval for it.

    The estimate is where the isotonic rate reaches one half; None if it never does. The interval excludes levels
    one by one from either end while a binomial test against one half rejects at α/2, and stops at the first that it
    does not: a fixed order, so that nothing needs adjusting. An end that is never excluded is open: 0 or infinite.
    """
    tail = (1 - confidence) / 2
    rates = isotonic(rungs)
    estimate = next((rung.level for rung, rate in zip(rungs, rates, strict=True) if rate >= 0.5), None)
    low, high = 0.0, math.inf
    for rung in rungs:
        if _at_most(rung.completed, rung.runs) > tail:
            break
        low = rung.level
    for rung in reversed(rungs):
        if _at_most(rung.runs - rung.completed, rung.runs) > tail:
            break
        high = rung.level
    return estimate, Interval(low, high)


def drift(orders: Sequence[Order | Sequence[bool]]) -> float | None:
    """Two-sided value for "completion has nothing to do with when a run started", over groups of runs.

    Each group holds whether its runs completed, in order of their start. The sum of the ranks of completed runs,
    groups added up, is compared with its law over all orders (Wilcoxon's rank sum); None if no group has both kinds.
    """
    flags = [np.asarray(order, dtype=bool) for order in orders]
    mixed = [(order, int(order.sum()), len(order)) for order in flags if 0 < order.sum() < len(order)]
    if not mixed:
        return None
    ranks = sum(int(np.flatnonzero(order).sum()) for order, _, _ in mixed)
    mean = sum(completed * (size - 1) / 2 for _, completed, size in mixed)
    if sum(size for _, _, size in mixed) > EXACT_RUNS:
        variance = sum(completed * (size - completed) * (size + 1) / 12 for _, completed, size in mixed)
        return math.erfc(abs(ranks - mean) / math.sqrt(2 * variance))
    law = np.ones(1)
    for _, completed, size in mixed:
        law = np.convolve(law, _rank_sum_law(completed, size))
    distance = np.abs(np.arange(len(law)) - mean)
    return min(1.0, float(law[distance >= abs(ranks - mean) - TIE].sum()))


def median(
    values: Sequence[float] | NDArray[np.float64], confidence: float = CONFIDENCE
) -> tuple[float | None, Interval | None]:
    """The median, and the interval between two order statistics that covers it with at least the confidence.

    Below six values no such interval exists.
    """
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    if not len(ordered):
        return None, None
    middle = len(ordered) // 2
    centre = float(ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2)
    outside = _outside(len(ordered), (1 - confidence) / 2)
    return centre, Interval(float(ordered[outside - 1]), float(ordered[-outside])) if outside else None


def _outside(n: int, tail: float) -> int:
    """The most values at either end of n such that so few heads or fewer of n tosses have at most this chance.

    Bisection, in which each step adds up a tail: the values themselves are never gone through.
    """
    low, high = 0, n // 2 + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _at_most(middle - 1, n) <= tail else (low, middle)
    return low


def _at_most(k: int, n: int) -> float:
    """The chance of at most k heads of n."""
    # Terms fall off quickly below k: those left out are less than 1e-30 together.
    counts = np.arange(max(0, k - 12 * math.isqrt(n) - 12), k + 1)
    log = log_factorials(n)
    return float(np.exp(log[n] - log[counts] - log[n - counts] - n * math.log(2)).sum())


def _rank_sum_law(chosen: int, size: int) -> NDArray[np.float64]:
    """The law of the sum of `chosen` ranks of 0 to size − 1; shape (chosen·size,)."""
    ways = np.zeros((chosen + 1, chosen * size + 1))
    ways[0, 0] = 1.0
    for rank in range(size):
        for k in range(min(rank + 1, chosen), 0, -1):
            ways[k, rank:] += ways[k - 1, : ways.shape[1] - rank]
    law: NDArray[np.float64] = ways[chosen] / ways[chosen].sum()
    return law


def _normal_trend(counts: Sequence[tuple[int, int]], observed: int, total: int, done: int) -> float:
    rate = done / total
    mean = rate * sum(place * n for place, (_, n) in enumerate(counts))
    spread: float = sum(place**2 * n for place, (_, n) in enumerate(counts))
    spread -= sum(place * n for place, (_, n) in enumerate(counts)) ** 2 / total
    variance = rate * (1 - rate) * spread * total / (total - 1)
    return math.erfc((observed - mean) / math.sqrt(2 * variance)) / 2 if variance > 0 else 1.0
