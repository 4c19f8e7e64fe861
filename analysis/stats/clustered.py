"""A mean over tasks, with an interval for tasks like these."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

from analysis.stats.arms import CONFIDENCE, Interval
from analysis.stats.beta import beta_quantile
from analysis.stats.proportion import z_quantile


@dataclass(frozen=True)
class ClusteredMean:
    """A mean over tasks."""

    estimate: float
    interval: Interval
    """Interval of the mean over the tasks that these were drawn from."""
    effective: float
    """Independent runs, each of a task of its own, that would say as much; at least the number of tasks."""


def clustered_rate(counts: Sequence[tuple[int, int]], confidence: float = CONFIDENCE) -> ClusteredMean:
    """The mean over tasks of their completion rates, each given as completions and runs.

    It says no more than as many independent runs would. Raises ValueError without tasks, or for counts that are none.
    """
    if any(not 0 <= k <= n or n < 1 for k, n in counts):
        raise ValueError(f"{list(counts)}: must be completions out of runs, of which there is one at least")
    independent = len(counts) ** 2 / sum(1 / n for _, n in counts) if counts else 0.0
    return clustered_mean([k / n for k, n in counts], independent, confidence)


def clustered_mean(values: Sequence[float], most: float, confidence: float = CONFIDENCE) -> ClusteredMean:
    """The mean of values in [0, 1], one a task, with Korn and Graubard's interval.

    (1998, "Confidence intervals for proportions with small expected number of positive counts estimated from survey
    data", Survey Methodology 24.) The variance of the mean is taken from the spread between tasks. It gives an
    effective number of independent runs, lowered for the degrees of freedom, at which the interval is that of Clopper
    and Pearson. The number is at most `most`, and at least that of the tasks: no values in [0, 1] with a mean μ vary
    more than μ(1 − μ). With one run a task the interval is therefore just Clopper and Pearson's. Raises ValueError
    without values, and for values outside [0, 1].
    """
    tasks = len(values)
    if not tasks or min(values) < 0 or max(values) > 1:
        raise ValueError(f"{list(values)}: must be numbers in [0, 1], of one task at least")
    estimate = fmean(values)
    effective = _effective(values, estimate, most, confidence)
    k, tail = estimate * effective, (1 - confidence) / 2
    low = 0.0 if estimate == 0 else beta_quantile(k, effective - k + 1, tail)
    high = 1.0 if estimate == 1 else beta_quantile(k + 1, effective - k, 1 - tail)
    return ClusteredMean(estimate, Interval(low, high), effective)


def run_to_run(counts: Sequence[tuple[int, int]]) -> float | None:
    """The standard deviation of a mean rate over these tasks with one run of each, without bias in its square.

    It is what a score of one run a task moves by when everything is run again. None where any task has one run only.
    """
    if not counts or any(n < 2 for _, n in counts):
        return None
    return math.sqrt(sum(k * (n - k) / (n * (n - 1)) for k, n in counts)) / len(counts)


def _effective(values: Sequence[float], mean: float, most: float, confidence: float) -> float:
    tasks = len(values)
    # Of tasks that all came out alike at an end of the scale nothing tells how alike the runs of a task are.
    if tasks < 2 or mean in (0, 1):
        return float(tasks)
    spread = variance(values) / tasks
    if most <= tasks or spread >= mean * (1 - mean) / tasks:
        return float(tasks)
    if spread == 0:
        return float(most)
    from scipy.special import stdtrit  # noqa: PLC0415 - half a second that most commands need not pay

    t = float(stdtrit(tasks - 1, 0.5 + confidence / 2))
    effective = mean * (1 - mean) / spread * (z_quantile(confidence) / t) ** 2
    return min(max(effective, float(tasks)), most)
