"""Effort to completion with censoring: Kaplan–Meier, the restricted mean, and the log-rank test by permutation."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval
from analysis.stats.proportion import z_quantile

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_ASSIGNMENTS = 200_000
"""Assignments of labels that are enumerated, beyond which they are drawn."""

DRAWS = 20_000
"""Assignments drawn there."""

MOST_DRAWN = 5_000
"""Runs beyond which the permutation law is taken to be normal."""

SEED = 1
TIE = 1e-9


@dataclass(frozen=True)
class SurvivalCurve:
    """The Kaplan–Meier estimate: the share of runs that have not completed after some effort, 1 before the first step.

    Effort is whatever is counted: passes, tokens or seconds.
    """

    times: Floats
    """Efforts at which runs completed, ascending; shape (steps,)."""
    survival: Floats
    """The share that has not completed just after each; shape (steps,)."""
    variance: Floats
    """Greenwood's sums, the variance of log survival; infinite where survival is 0. Shape (steps,)."""
    at_risk: Floats
    """Runs not yet completed and not yet censored before each; shape (steps,)."""
    completed: Floats
    """Completions at each; shape (steps,)."""
    longest: float
    """The largest effort of any run, completed or not; 0 without runs."""

    def at(self, time: float) -> float:
        """The share that has not completed at an effort."""
        place = int(np.searchsorted(self.times, time, side="right"))
        return float(self.survival[place - 1]) if place else 1.0

    def interval(self, time: float, confidence: float = CONFIDENCE) -> Interval:
        """The interval of that share on the scale of log(−log) (Kalbfleisch and Prentice 1980).

        From 0 to 1 while nothing, or everything, has completed: the formula knows nothing there.
        """
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        share = self.at(time)
        if not 0 < share < 1:
            return Interval(0.0, 1.0)
        half = z_quantile(confidence) * math.sqrt(float(self.variance[place])) / abs(math.log(share))
        return Interval(share ** math.exp(half), share ** math.exp(-half))

    @property
    def median(self) -> float | None:
        """The least effort after which at most half have not completed; None if that is never so."""
        reached = np.flatnonzero(self.survival <= 0.5 + TIE)
        return float(self.times[reached[0]]) if len(reached) else None


@dataclass(frozen=True)
class RestrictedMean:
    """The mean effort up to a horizon, at which counting stops: the area under the curve."""

    mean: float
    variance: float | None
    """Interval of the estimate; None without a completion before the horizon, when nothing is known of it."""

    def interval(self, confidence: float = CONFIDENCE) -> Interval | None:
        """By normal approximation; None where the variance is unknown."""
        if self.variance is None:
            return None
        half = z_quantile(confidence) * math.sqrt(self.variance)
        return Interval(self.mean - half, self.mean + half)


def kaplan_meier(efforts: Sequence[float] | Floats, completed: Sequence[bool] | Flags) -> SurvivalCurve:
    """The product-limit estimate (Kaplan and Meier 1958).

    `efforts` is what each run had used when it completed, or when it ended without completing: it is censored there,
    which takes for granted that it was no less likely to complete later than runs that went on. An infinite effort is
    a run that never completes, however long it is given. At ties completions come first.
    """
    time, done = np.asarray(efforts, dtype=np.float64), np.asarray(completed, dtype=bool)
    steps = np.unique(time[done & np.isfinite(time)])
    ordered = np.sort(time)
    at_risk = (len(time) - np.searchsorted(ordered, steps, side="left")).astype(np.float64)
    finished = np.sort(time[done])
    deaths = np.searchsorted(finished, steps, side="right") - np.searchsorted(finished, steps, side="left")
    with np.errstate(divide="ignore"):
        variance = np.cumsum(deaths / (at_risk * (at_risk - deaths)))
    finite = time[np.isfinite(time)]
    longest = float(finite.max()) if len(finite) else 0.0
    survival: Floats = np.cumprod(1 - deaths / at_risk, dtype=np.float64)
    return SurvivalCurve(steps, survival, variance, at_risk, deaths.astype(np.float64), longest)


def restricted_mean(curve: SurvivalCurve, horizon: float) -> RestrictedMean:
    """The restricted mean (Royston and Parmar 2013), with Greenwood's variance.

    Raises ValueError unless the horizon is positive and finite.
    """
    if not 0 < horizon < math.inf:
        raise ValueError(f"horizon {horizon:g}: must be positive and finite")
    inside = curve.times < horizon
    times, survival = curve.times[inside], curve.survival[inside]
    edges = np.concatenate([[0.0], times, [horizon]])
    areas = np.diff(edges) * np.concatenate([[1.0], survival])
    mean = float(areas.sum())
    if not len(times):
        return RestrictedMean(mean, None)
    # The area to the right of each step, which is what a completion there takes away.
    beyond = np.cumsum(areas[::-1])[::-1][1:]
    risk, deaths = curve.at_risk[inside], curve.completed[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(beyond > 0, beyond**2 * deaths / (risk * (risk - deaths)), 0.0)
    return RestrictedMean(mean, float(terms.sum()))


@dataclass(frozen=True)
class Labelled:
    """Runs of two arms that are compared with each other only: a stratum."""

    efforts: Floats
    completed: Flags
    in_b: Flags
    blocks: NDArray[np.int64]
    """Labels are exchanged within a block; shape (runs,), as all others."""


@dataclass(frozen=True)
class LogRank:
    """The log-rank test, its law over all assignments of runs to arms within blocks."""

    p: float
    """Two-sided: small where B completes sooner, or later, than A."""
    excess: float
    """Completions in B beyond those expected if both arms were alike; positive where B completes sooner."""
    method: str
    """`exact`, `drawn` (`DRAWS` assignments and the observed one) or `normal`."""


def log_rank(strata: Sequence[Labelled]) -> LogRank | None:
    """The log-rank test (Mantel 1966), stratified, as a permutation test within blocks.

    Completions in B less those expected is a sum of scores over the runs of B: 1 for a completion, less the cumulative
    hazard at its effort, in the stratum as a whole. The scores do not depend on the labels, so that every assignment
    of labels within the blocks is equally likely if the arms are alike. None where no assignment changes the sum.
    """
    blocks: list[tuple[Floats, int]] = []
    observed = 0.0
    for stratum in strata:
        scores = log_rank_scores(stratum.efforts, stratum.completed)
        observed += float(scores[stratum.in_b].sum())
        order = np.argsort(stratum.blocks, kind="stable")
        cuts = np.flatnonzero(np.diff(stratum.blocks[order])) + 1
        members = zip(np.split(scores[order], cuts), np.split(stratum.in_b[order], cuts), strict=True)
        blocks += [(part, int(labels.sum())) for part, labels in members]
    mean = sum(float(scores.mean()) * in_b for scores, in_b in blocks if len(scores))
    mixed = [(scores, in_b) for scores, in_b in blocks if 0 < in_b < len(scores) and np.ptp(scores) > TIE]
    if not mixed:
        return None
    fixed = mean - sum(float(scores.mean()) * in_b for scores, in_b in mixed)
    distance = abs(observed - mean) - TIE
    if math.prod(math.comb(len(scores), in_b) for scores, in_b in mixed) <= MOST_ASSIGNMENTS:
        sums = fixed + _all_sums(mixed)
        return LogRank(float(np.mean(np.abs(sums - mean) >= distance)), observed, "exact")
    if sum(len(scores) for scores, _ in mixed) <= MOST_DRAWN:
        sums = fixed + _drawn_sums(mixed)
        return LogRank(float((1 + (np.abs(sums - mean) >= distance).sum()) / (1 + DRAWS)), observed, "drawn")
    variance = sum(float(scores.var(ddof=1)) * in_b * (len(scores) - in_b) / len(scores) for scores, in_b in mixed)
    return LogRank(math.erfc(abs(observed - mean) / math.sqrt(2 * variance)), observed, "normal")


def log_rank_scores(efforts: Floats, completed: Flags) -> Floats:
    """The score of each run: whether it completed, less the Nelson–Aalen cumulative hazard at its effort; (runs,)."""
    curve = kaplan_meier(efforts, completed)
    hazard = np.concatenate([[0.0], np.cumsum(curve.completed / curve.at_risk)])
    scores: Floats = completed - hazard[np.searchsorted(curve.times, efforts, side="right")]
    return scores


def _all_sums(blocks: Sequence[tuple[Floats, int]]) -> Floats:
    """The sum of scores in B for every assignment."""
    sums = np.zeros(1)
    for scores, in_b in blocks:
        sums = (sums[:, None] + _chosen_sums(scores, in_b)).ravel()
    return sums


def _chosen_sums(scores: Floats, size: int) -> Floats:
    """The sum of each subset of a size."""
    sums: list[Floats] = [np.zeros(1), *[np.empty(0)] * size]
    for score in scores:
        for taken in range(size, 0, -1):
            sums[taken] = np.concatenate([sums[taken], sums[taken - 1] + score])
    return sums[size]


def _drawn_sums(blocks: Sequence[tuple[Floats, int]]) -> Floats:
    """The sums of scores in B of random assignments; shape (DRAWS,)."""
    rng = np.random.default_rng(SEED)
    sums = np.zeros(DRAWS)
    for scores, in_b in blocks:
        for start in range(0, DRAWS, 1000):
            keys = rng.random((1000, len(scores)))
            chosen = np.argpartition(keys, in_b - 1, axis=1)[:, :in_b]
            sums[start : start + 1000] += scores[chosen].sum(axis=1)
    return sums
