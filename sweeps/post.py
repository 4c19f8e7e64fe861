"""An endpoint, the worker at it, and how far both are."""

import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from harness.config import RunConfig, digest
from sweeps.lanes import Lane
from sweeps.messages import Setup
from sweeps.planned import PlannedRun
from sweeps.ray_cluster import Remote


class Stage(Enum):
    """How far a worker is."""

    ABSENT = "absent"
    COMING = "coming"
    LOOKING = "looking its server over"
    FREE = "free"
    BUSY = "busy"
    RETIRED = "retired"


@dataclass
class Post:
    """An endpoint, and the worker at it."""

    lane: Lane
    setup: Setup
    stage: Stage = Stage.ABSENT
    remote: Remote | None = None
    since: float = 0.0
    """When the stage was entered, by the monotonic clock."""
    run: PlannedRun | None = None
    """The run under way."""
    claim: ExitStack = field(default_factory=ExitStack)
    faults: int = 0
    """Faults in a row."""
    told: set[str] = field(default_factory=set)

    @property
    def worker(self) -> Remote:
        """The worker, where there is one."""
        assert self.remote is not None
        return self.remote

    def enter(self, stage: Stage) -> None:
        self.stage, self.since = stage, time.monotonic()

    def news(self, line: str) -> bool:
        """Whether the line was not told of this endpoint before."""
        new = line not in self.told
        self.told.add(line)
        return new


def setup_of(lane: Lane, place: int, runs: Sequence[PlannedRun], patience: float) -> Setup:
    """What the worker of a lane is told first; `runs` are those that may go there."""
    # The workspace has a path of its own, always the same: Go's build cache keys on it.
    whose = socket.gethostname(), str(Path(runs[0].config.log_dir).resolve()), lane.recorded, place
    keys = {run.config.model.api_key_env for run in runs} - {""}
    return Setup(digest(whose)[:16], str(Path.cwd()), patience, tuple(sorted(keys)))


def hardest(lane: Lane, runs: Sequence[PlannedRun]) -> list[RunConfig]:
    """Of all runs that may go to the lane those that ask most of its server and its machine."""
    found: dict[object, RunConfig] = {}
    for run in runs:
        config = lane.takes(run).config
        known = found.setdefault((config.model.name, config.sandbox, config.system, config.preflight), config)
        if config.ctx_limit > known.ctx_limit:
            found[config.model.name, config.sandbox, config.system, config.preflight] = config
    return list(found.values())
