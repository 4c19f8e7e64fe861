"""A confidence sequence for the difference of two rates: an interval that holds at every look."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval, TwoArms, checked
from analysis.stats.difference import restricted_rates

Floats = NDArray[np.float64]

RATES = [(2 * step + 1) / 20 for step in range(10)]
"""Rates of the mixture, as in the e-process by which sweeps stop."""

STEPS = 200
"""Differences between −1 and 0, and between 0 and 1, that are tested."""


def confidence_sequence(strata: Sequence[TwoArms], side: str = "two", confidence: float = CONFIDENCE) -> Interval:
    """The differences of rates B − A that the e-process of each has not rejected so far.

    A sweep may stop whenever it likes: the chance that the true difference is ever outside is at most 1 − confidence
    (Turner and Grünwald 2023, "Exact anytime-valid confidence intervals for contingency tables and beyond"). Runs come
    in blocks of one of A and one of B, in each stratum; the difference is taken to be the same in all strata. Side
    `greater` bounds it from below only, `less` from above only. At a difference of 0 the e-process is that of the
    sweep, so that the interval excludes 0 just where the sweep rejects. Ends are rounded outwards to 1/200.

    Raises ValueError for a stratum whose arms differ in size: a block is missing a run there.
    """
    for arms in strata:
        if checked(arms).n_a != arms.n_b:
            raise ValueError(f"{arms}: a confidence sequence is over whole blocks")
    if side == "less":
        mirrored = confidence_sequence([arms.swapped() for arms in strata], "greater", confidence)
        return Interval(-mirrored.high, -mirrored.low)
    limit = -math.log(1 - confidence) - 1e-9
    differences = [step / STEPS for step in range(-STEPS + 1, STEPS)]
    kept = [place for place, value in enumerate(differences) if log_e_value(strata, value, side) < limit]
    if not kept:
        return Interval(math.nan, math.nan)
    low = differences[kept[0] - 1] if kept[0] else -1.0
    high = differences[kept[-1] + 1] if kept[-1] + 1 < len(differences) and side == "two" else 1.0
    return Interval(low, high)


def log_e_value(strata: Sequence[TwoArms], difference: float, side: str = "two") -> float:
    """The logarithm of the e-value against "rates differ by just this" (side `greater`: by at most this).

    In each stratum it is the mean, over pairs of rates, of their likelihood over that of the rates nearest to them
    that differ by just this; strata multiply.
    """
    total = 0.0
    for arms in strata:
        factors = _log_factors(round(difference, 9), side)
        counts = np.array([arms.k_a, arms.n_a - arms.k_a, arms.k_b, arms.n_b - arms.k_b], dtype=np.float64)
        logs = (factors * counts).sum(axis=1)
        most = float(logs.max())
        total += most + math.log(float(np.exp(logs - most).mean()))
    return total


def log_e_values(k_a: Floats, k_b: Floats, blocks: int, side: str) -> Floats:
    """The logarithm of the e-value against equal rates at many counts of completions after the same blocks."""
    factors = _log_factors(0.0, side if side != "less" else "greater")
    if side == "less":
        k_a, k_b = k_b, k_a
    logs = np.stack([k_a, blocks - k_a, k_b, blocks - k_b], axis=1) @ factors.T
    most = logs.max(axis=1)
    values: Floats = most + np.log(np.exp(logs - most[:, None]).mean(axis=1))
    return values


@lru_cache(maxsize=4 * STEPS)
def _log_factors(difference: float, side: str) -> Floats:
    """The log factor of a completion and of a failure, in A and in B, for each pair of rates; shape (pairs, 4)."""
    rows = []
    for a in RATES:
        for b in RATES:
            if b == a or (side == "greater" and b < a):
                continue
            if side == "greater" and b - a <= difference:
                rows.append((0.0, 0.0, 0.0, 0.0))
                continue
            near_a, near_b = nearest_rates(a, b, difference)
            rows.append(
                (
                    math.log(a / near_a),
                    math.log((1 - a) / (1 - near_a)),
                    math.log(b / near_b),
                    math.log((1 - b) / (1 - near_b)),
                )
            )
    return np.array(rows)


def nearest_rates(a: float, b: float, difference: float) -> tuple[float, float]:
    """The rates with just this difference from which a and b diverge least, in the sense of Kullback and Leibler.

    They are the likeliest such rates for one run of each arm, of which a and b completed.
    """
    near_a, near_b = restricted_rates(TwoArms(a, 1, b, 1), difference)  # type: ignore[arg-type]
    tiny = 1e-12
    return min(max(near_a, tiny), 1 - tiny), min(max(near_b, tiny), 1 - tiny)
