"""pass@k: the chance that at least one of k runs completes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.stats.arms import CONFIDENCE, Interval
from analysis.stats.clustered import clustered_mean
from analysis.stats.proportion import clopper_pearson


@dataclass(frozen=True)
class PassAtK:
    """pass@k of one task, or its mean over several."""

    estimate: float | None
    """None where a task has fewer than k runs, of which nothing unbiased is known."""
    interval: Interval | None


def pass_at_k(completed: int, runs: int, k: int, confidence: float = CONFIDENCE) -> PassAtK:
    """The unbiased estimate of 1 − (1 − rate)^k: the share of all sets of k runs in which one completed.

    (Chen and others 2021, "Evaluating Large Language Models Trained on Code".) The interval is that of Clopper and
    Pearson for the rate, carried over, and exact as that one is. Raises ValueError unless k ≥ 1.
    """
    estimate = _estimate(completed, runs, k)
    if estimate is None:
        return PassAtK(None, None)
    low, high = (1 - (1 - rate) ** k for rate in clopper_pearson(completed, runs, confidence))
    return PassAtK(estimate, Interval(low, high))


def mean_pass_at_k(tasks: Sequence[tuple[int, int]], k: int, confidence: float = CONFIDENCE) -> PassAtK:
    """The mean over tasks, each given as completions and runs.

    Its interval is that of a mean over tasks like these, whose estimates vary as those of these do
    (`clustered_mean`). Both are unknown where a task has fewer than k runs.
    """
    known = [value for done, runs in tasks if (value := _estimate(done, runs, k)) is not None]
    if not tasks or len(known) < len(tasks):
        return PassAtK(None, None)
    mean = clustered_mean(known, float(sum(runs for _, runs in tasks)), confidence)
    return PassAtK(mean.estimate, mean.interval)


def _estimate(completed: int, runs: int, k: int) -> float | None:
    if k < 1 or not 0 <= completed <= runs:
        raise ValueError(f"pass@{k} of {completed} of {runs} runs: k is at least 1, and completed at most runs")
    if runs < k:
        return None
    return min(1.0, 1 - math.prod((runs - completed - i) / (runs - i) for i in range(k)) if completed else 0.0)
