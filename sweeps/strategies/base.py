"""Which runs of a plan are made, decided from the ledgers alone: whoever looks at the same results decides the same."""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.config import ConfigError
from sweeps.plan.declaration import decided
from sweeps.plan.design import contrasts
from sweeps.plan.planner import Plan
from sweeps.plan.run import PlannedRun
from sweeps.progress.display import Progress
from sweeps.progress.history import Key, SweepHistory
from sweeps.progress.preview import preview
from sweeps.schema import SweepConfig


@dataclass(frozen=True)
class SweepStatus:
    """How a sweep stands, by its ledgers."""

    finished: int
    total: int
    """Results that the sweep comes to, as far as can be told now. It is over once it has them all."""
    pending: Sequence[PlannedRun]
    """Runs that may still be made."""
    due: Sequence[PlannedRun]
    """Those of them that are made before the next look, in order; none: nothing more is made in this launch."""
    news: Sequence[str] = ()
    """What is known by now, a line each."""
    found: Mapping[str, Any] = field(default_factory=dict)
    """What was decided, as plain data, to be kept beside the declaration; empty while nothing was."""


class Strategy(Protocol):
    """Decides which runs of a plan are made."""

    @property
    def plan(self) -> Plan:
        """The runs that may be made, in their order."""
        ...

    def standing(self, histories: SweepHistory, made: Container[Key]) -> SweepStatus:
        """How the sweep stands; `made` was handed out in this launch already, and is not due again."""
        ...

    def rule(self) -> dict[str, Any]:
        """What decides, as plain data: it takes precedence over what else the sweep declares."""
        ...

    def preview(self, histories: SweepHistory) -> Iterator[str]:
        """The lines of a dry run."""
        ...


StrategyOf = Callable[[Plan], Strategy]
"""Makes the strategy of a plan. Raises ConfigError for a plan that it cannot serve."""

ADAPTIVE = {"stop": "contrast", "budget": "floor", "width": "floor"}
"""Keys that only one sweeper knows, and which."""


class GridStrategy:
    """Every run of the plan, whatever comes out: the sweeper `grid`."""

    def __init__(self, planned: Plan) -> None:
        contrasts(planned.runs, planned.sweep)
        refuse_others(planned.sweep, "grid")
        self.plan = planned

    def standing(self, histories: SweepHistory, made: Container[Key]) -> SweepStatus:
        runs = self.plan.runs
        owed = histories.owed(runs, self.plan.sweep.retry)
        return SweepStatus(histories.finished(runs), len(runs), owed, [run for run in owed if run.key not in made])

    def rule(self) -> dict[str, Any]:
        return {}

    def preview(self, histories: SweepHistory) -> Iterator[str]:
        yield from preview(self.plan.runs, self.plan.sweep, histories)


def refuse_others(sweep: SweepConfig, sweeper: str) -> None:
    """Raises ConfigError for a key that another sweeper would have to know."""
    for key, owner in ADAPTIVE.items():
        if owner != sweeper and getattr(sweep, key) is not None:
            raise ConfigError(f"sweep.{key} is given: needs hydra/sweeper={owner}")


def batches(strategy: Strategy, histories: SweepHistory, progress: Progress) -> Iterator[Sequence[PlannedRun]]:
    """What is to be run next, again and again, until the strategy wants nothing more in this launch.

    Each run is handed out once: one that ended in a fault is left to the next launch.
    """
    made: set[Key] = set()
    told: set[str] = set()
    while True:
        histories.look()
        standing = strategy.standing(histories, made)
        progress.expects(standing.total)
        for line in standing.news:
            if line not in told:
                progress.say(line)
                told.add(line)
        if standing.found:
            decided(strategy.plan.runs, standing.found)
        if not standing.due:
            return
        made |= {run.key for run in standing.due}
        yield standing.due
