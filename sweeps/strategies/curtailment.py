"""Curtailment: stop once no outcome of the remaining runs can change the verdict of the planned test.

Type I error and power are those of the fixed design.

The rule is curtailment (Alling 1963; Jennison and Turnbull, Group Sequential Methods, 2000, chapter 10), and exact:
every table that the remaining runs can make is tested.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, product

from harness.exact_test import Stratum, support
from sweeps.plan.power import MOST_STEPS, rejected
from sweeps.schema import Side


@dataclass(frozen=True)
class StratumCounts:
    """Counts of one stratum so far: of the baseline, and of the arm against it."""

    planned: Stratum
    results: Stratum
    """Runs with a result; faults do not count."""
    completed: Stratum

    @property
    def left(self) -> Stratum:
        """Runs without a result."""
        return self.planned[0] - self.results[0], self.planned[1] - self.results[1]

    @property
    def most(self) -> Stratum:
        """The most completions that are still possible."""
        return self.completed[0] + self.left[0], self.completed[1] + self.left[1]


def certain_verdict(tallies: Sequence[StratumCounts], alpha: float, side: Side) -> bool | None:
    """Return the verdict of the planned test if every outcome of the remaining runs leads to it; else None.

    True is significant. None also where too many tables remain to enumerate.
    """
    verdicts: set[bool] = set()
    for totals in chain(_extremes(tallies), _all(tallies)):
        verdicts |= _verdicts(tallies, totals, alpha, side)
        if len(verdicts) == 2:
            return None
    return verdicts.pop() if _countable(tallies) else None


def _extremes(tallies: Sequence[StratumCounts]) -> Iterator[tuple[int, ...]]:
    """Yield the totals if all remaining completions go to the arm, and if all go to the baseline.

    These two already disagree in most cases."""
    for arm in (1, 0):
        yield tuple(sum(tally.completed) + tally.left[arm] for tally in tallies)


def _all(tallies: Sequence[StratumCounts]) -> Iterator[tuple[int, ...]]:
    if _countable(tallies):
        yield from product(*(range(sum(tally.completed), sum(tally.most) + 1) for tally in tallies))


def _countable(tallies: Sequence[StratumCounts]) -> bool:
    tables = math.prod(sum(tally.left) + 1 for tally in tallies)
    return tables * (sum(min(tally.planned) for tally in tallies) + 1) <= MOST_STEPS


def _verdicts(tallies: Sequence[StratumCounts], totals: tuple[int, ...], alpha: float, side: Side) -> set[bool]:
    """Return the possible verdicts for given totals of completions."""
    least = most = 0
    for tally, total in zip(tallies, totals, strict=True):
        start = support(tally.planned, total).start
        least += max(tally.completed[1], total - tally.most[0]) - start
        most += min(tally.most[1], total - tally.completed[0]) - start
    places = rejected(tuple(tally.planned for tally in tallies), totals, alpha, side)
    # Within a stratum the arm's completions can be any number between their bounds, and so can their sum.
    return {place in places for place in range(least, most + 1)}
