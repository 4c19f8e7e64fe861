"""The contract of a strategy: select runs of a plan from the ledgers alone, so that every process decides the same."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.config import ConfigError
from sweeps.plan.declaration import record_decisions
from sweeps.plan.design import contrasts
from sweeps.plan.planner import Plan
from sweeps.plan.run import PlannedRun
from sweeps.progress.display import Progress
from sweeps.progress.history import Key, SweepHistory
from sweeps.progress.preview import preview
from sweeps.schema import SweepConfig


@dataclass(frozen=True)
class SweepStatus:
    """The status of a sweep, by its ledgers."""

    finished: int
    total: int
    """Results that the sweep needs, as far as is known now. It is finished once it has them all."""
    remaining: Sequence[PlannedRun]
    """Runs without a result that may still be made."""
    next_runs: Sequence[PlannedRun]
    """The next batch, in order; empty where nothing more is made in this launch."""
    messages: Sequence[str] = ()
    """Lines for the screen."""
    decision: Mapping[str, Any] = field(default_factory=dict)
    """Decisions as plain data, kept beside the declaration; empty while there are none."""


class Strategy(Protocol):
    """Selects the runs of a plan that are made."""

    @property
    def plan(self) -> Plan:
        """All runs that may be made, in order."""
        ...

    def status(self, histories: SweepHistory, made: Container[Key]) -> SweepStatus:
        """Return the status of the sweep; runs in `made` were selected in this launch already."""
        ...

    def rule(self) -> dict[str, Any]:
        """Return the stopping rule as plain data; it overrides fields of the declaration."""
        ...

    def preview(self, histories: SweepHistory) -> Iterator[str]:
        """Yield the lines of a dry run."""
        ...


StrategyOf = Callable[[Plan], Strategy]
"""Factory of the strategy of a plan. Raises ConfigError for a plan that the strategy does not support."""

SWEEPER_OF = {"margin": "grid", "stop": "contrast", "budget": "threshold", "width": "threshold"}
"""Keys of `sweep` that only one sweeper supports, and its name."""


class GridStrategy:
    """Selects every run of the plan: the sweeper `grid`."""

    def __init__(self, planned: Plan) -> None:
        contrasts(planned.runs, planned.sweep)
        refuse_others(planned.sweep, "grid")
        self.plan = planned

    def status(self, histories: SweepHistory, made: Container[Key]) -> SweepStatus:
        runs = self.plan.runs
        unfinished = histories.unfinished(runs, self.plan.sweep.retry)
        return SweepStatus(
            histories.finished(runs), len(runs), unfinished, [run for run in unfinished if run.key not in made]
        )

    def rule(self) -> dict[str, Any]:
        return {}

    def preview(self, histories: SweepHistory) -> Iterator[str]:
        yield from preview(self.plan.runs, self.plan.sweep, histories)


def refuse_others(sweep: SweepConfig, sweeper: str) -> None:
    """Raise ConfigError for a key that only another sweeper supports."""
    for key, owner in SWEEPER_OF.items():
        if owner != sweeper and getattr(sweep, key) is not None:
            raise ConfigError(f"sweep.{key} is given: needs hydra/sweeper={owner}")


def batches(strategy: Strategy, histories: SweepHistory, progress: Progress) -> Iterator[Sequence[PlannedRun]]:
    """Yield batches until the strategy selects nothing more in this launch.

    Each run is selected once: one that ended in a fault is left to the next launch.
    """
    made: set[Key] = set()
    shown: set[str] = set()
    while True:
        histories.look()
        status = strategy.status(histories, made)
        progress.expects(status.total)
        for line in status.messages:
            if line not in shown:
                progress.say(line)
                shown.add(line)
        if status.decision:
            record_decisions(strategy.plan.runs, status.decision)
        if not status.next_runs:
            return
        made |= {run.key for run in status.next_runs}
        yield status.next_runs
