"""pass@k: the chance that at least one of k runs completes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.stats.arms import CONFIDENCE, Interval
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
    if k < 1 or not 0 <= completed <= runs:
        raise ValueError(f"pass@{k} of {completed} of {runs} runs: k is at least 1, and completed at most runs")
    if runs < k:
        return PassAtK(None, None)
    estimate = 1 - math.prod((runs - completed - i) / (runs - i) for i in range(k)) if completed else 0.0
    low, high = (1 - (1 - rate) ** k for rate in clopper_pearson(completed, runs, confidence))
    return PassAtK(min(1.0, estimate), Interval(low, high))


def mean_pass_at_k(tasks: Sequence[tuple[int, int]], k: int, confidence: float = CONFIDENCE) -> PassAtK:
    """The mean over tasks, each given as completions and runs.

    Its interval puts those of the tasks together by the squares of their distances from the estimates (MOVER, Zou and
    Donner 2008): it is about these tasks, not about others like them.
    """
    each = [pass_at_k(completed, runs, k, confidence) for completed, runs in tasks]
    known = [(one.estimate, one.interval) for one in each if one.estimate is not None and one.interval is not None]
    if not each or len(known) < len(each):
        return PassAtK(None, None)
    mean = sum(estimate for estimate, _ in known) / len(known)
    below, above = (
        math.sqrt(sum((estimate - interval[end]) ** 2 for estimate, interval in known)) / len(known) for end in (0, 1)
    )
    return PassAtK(mean, Interval(max(0.0, mean - below), min(1.0, mean + above)))
