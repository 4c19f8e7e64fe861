"""The worker of a slot, and the stage that it is in."""

import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from harness import __version__
from harness.config import BEHAVIOUR_VERSION, RunConfig, digest
from harness.outcome import Outcome
from harness.runner import lost
from sweeps.cluster.messages import WorkerSetup, WorkerStarted
from sweeps.cluster.ray_cluster import RemoteWorker
from sweeps.cluster.slots import Slot
from sweeps.plan.run import PlannedRun
from sweeps.progress.claims import FaultStreak
from sweeps.progress.display import RunSummary


class WorkerStage(Enum):
    """The stages of a worker."""

    NOT_STARTED = "absent"
    STARTING = "coming"
    CHECKING = "looking its server over"
    IDLE = "free"
    BUSY = "busy"
    RETIRED = "retired"


@dataclass
class SlotWorker:
    """A slot and its worker process."""

    setup: WorkerSetup
    slot: Slot
    say: Callable[[str], None]
    stage: WorkerStage = WorkerStage.NOT_STARTED
    remote: RemoteWorker | None = None
    since: float = 0.0
    """When the stage was entered, by the monotonic clock."""
    run: PlannedRun | None = None
    """The run in flight."""
    claim: ExitStack = field(default_factory=ExitStack)
    faults: FaultStreak = field(default_factory=FaultStreak)
    logged: set[str] = field(default_factory=set)

    @property
    def process(self) -> RemoteWorker:
        """The remote worker process; only while there is one."""
        assert self.remote is not None
        return self.remote

    def enter(self, stage: WorkerStage) -> None:
        self.stage, self.since = stage, time.monotonic()

    def release(self) -> None:
        """Give up the run in flight and its claim."""
        self.run = None
        self.claim.close()

    def log(self, line: str) -> None:
        """Say a line about this slot, once."""
        if line not in self.logged:
            self.logged.add(line)
            self.say(f"{self.slot.name}: {line}")


def version_mismatch(worker: WorkerStarted) -> str | None:
    """Return a reason if the worker runs another version of the program; None if it runs the same."""
    if (worker.version, worker.behaviour) == (__version__, BEHAVIOUR_VERSION):
        return None
    ours = f"{worker.host} has version {worker.version} of this program, here is {__version__}"
    return f"{ours}: install the same everywhere"


def record_lost(worker: SlotWorker, run: PlannedRun, reason: str) -> RunSummary:
    """Record as a fault the run in flight of a worker that died."""
    seconds = time.monotonic() - worker.since
    made = worker.slot.assigned(run)
    try:
        lost(made.config, endpoint=worker.slot.endpoint, launch=made.launch, seconds=seconds, reason=reason)
    except OSError as error:
        reason = f"not recorded: {error}"
    return RunSummary(Outcome.FAULT, 0, seconds, reason)


def worker_setup(slot: Slot, place: int, runs: Sequence[PlannedRun], patience: float) -> WorkerSetup:
    """Return the setup message for the worker of a slot; `runs` are those that it may take."""
    # The workspace has a path of its own, always the same: Go's build cache keys on it.
    whose = socket.gethostname(), str(Path(runs[0].config.log_dir).resolve()), slot.recorded, place
    keys = {run.config.model.api_key_env for run in runs} - {""}
    return WorkerSetup(digest(whose)[:16], str(Path.cwd()), patience, tuple(sorted(keys)))


def most_demanding(slot: Slot, runs: Sequence[PlannedRun]) -> list[RunConfig]:
    """Return the configs with the largest demands on the server, one for each kind of run."""
    demanding: dict[object, RunConfig] = {}
    for run in runs:
        config = slot.assigned(run).config
        kind = config.model.name, config.model.tools, config.sandbox, config.system, config.preflight
        known = demanding.setdefault(kind, config)
        if config.ctx_limit > known.ctx_limit:
            demanding[kind] = config
    return list(demanding.values())
