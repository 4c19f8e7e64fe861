"""The pool of workers of a sweep, one worker for each slot.

All messages are handled in one thread, and only this process writes to the ledger.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness.config import ConfigError
from harness.interrupts import INTERRUPTED
from harness.outcome import Outcome
from harness.outputs import Outputs
from sweeps.cluster.messages import (
    CheckServers,
    LogLine,
    MakeRun,
    Message,
    RunEvent,
    RunFailed,
    RunFinished,
    ServersReady,
    ServerUnavailable,
    SetupRejected,
    WorkerDied,
    WorkerStarted,
)
from sweeps.cluster.ray_cluster import Cluster, EndpointTaken, WorkerLost
from sweeps.cluster.scheduler import Scheduler
from sweeps.cluster.slot_worker import (
    SlotWorker,
    WorkerStage,
    most_demanding,
    record_lost,
    version_mismatch,
    worker_setup,
)
from sweeps.cluster.supervisor import STOP_TIMEOUT
from sweeps.launcher import FAULTS_LEFT
from sweeps.plan.planner import Plan
from sweeps.plan.run import PlannedRun
from sweeps.progress.claims import ClaimResult, Claims, claimed, make_claimed
from sweeps.progress.display import Progress, RunSummary
from sweeps.progress.history import Key
from sweeps.schema import Retry
from sweeps.watch import ServerFingerprints

MOST_ATTEMPTS = 2
"""Attempts at a run in one launch if its worker dies each time."""

START_TIMEOUT = 300.0
"""Seconds that the cluster may take to start a worker."""

POLL_INTERVAL = 1.0
"""Seconds between two checks for messages."""


class WorkerPool:
    """Makes runs on all slots at once."""

    def __init__(self, cluster: Cluster, plan: Plan, scheduler: Scheduler, claims: Claims, progress: Progress) -> None:
        self._cluster = cluster
        self._plan = plan
        self._scheduler = scheduler
        self._claims = claims
        self._progress = progress
        self._runs = {
            slot: [run for run in plan.runs if scheduler.pool_of(run) == slot.pool] for slot in scheduler.slots
        }
        """The runs that each slot may take."""
        patience = plan.sweep.wait_for_server
        setups = [worker_setup(slot, place, runs, patience) for place, (slot, runs) in enumerate(self._runs.items())]
        self._workers = [SlotWorker(setup, slot, progress.say) for setup, slot in zip(setups, self._runs, strict=True)]
        self._claimed_elsewhere: list[PlannedRun] = []
        self._attempts: Counter[Key] = Counter()
        self._fingerprints = ServerFingerprints()
        self._rejected: str | None = None
        self._finished = 0
        self._stopping = False

    def launch(self, batches: Iterable[Sequence[PlannedRun]]) -> int:
        """Make one batch after another, and return the exit code. Raises ConfigError if no server is fit for runs."""
        try:
            for batch in batches:
                self._make(batch)
            self._close()
        except KeyboardInterrupt:
            self._interrupt_all()
            self._progress.close("interrupted")
            return INTERRUPTED
        finally:
            self._cluster.close([worker.remote for worker in self._workers if worker.remote is not None])
        return FAULTS_LEFT if self._scheduler.stranded else 0

    def _make(self, batch: Sequence[PlannedRun]) -> None:
        self._scheduler.add(batch)
        while True:
            for worker in self._workers:
                self._assign(worker)
            if any(self._is_active(worker) for worker in self._workers):
                self._receive()
            elif self._claimed_elsewhere:
                self._take_over()
            else:
                return

    def _is_active(self, worker: SlotWorker) -> bool:
        coming = worker.stage in (WorkerStage.NOT_STARTED, WorkerStage.STARTING, WorkerStage.CHECKING)
        return worker.stage is WorkerStage.BUSY or (coming and self._scheduler.has_work(worker.slot))

    def _close(self) -> None:
        stranded = len(self._scheduler.stranded)
        if stranded and self._rejected and not self._finished:
            raise ConfigError(self._rejected)
        no_way = f"stopped: {stranded} run{'s' if stranded > 1 else ''} without an endpoint"
        self._progress.close(no_way if stranded else "done")

    def _assign(self, worker: SlotWorker) -> None:
        """Start a worker where it is needed, and give an idle one its next run."""
        if worker.stage is WorkerStage.NOT_STARTED and self._scheduler.has_work(worker.slot):
            self._start_worker(worker)
        while worker.stage is WorkerStage.IDLE and (run := self._scheduler.take(worker.slot)) is not None:
            self._start_run(worker, run)

    def _start_worker(self, worker: SlotWorker) -> None:
        try:
            worker.remote = self._cluster.place(worker.slot.endpoint, worker.setup)
        except EndpointTaken:
            worker.log("waiting: the cluster has a worker for it, of another sweep or of an earlier attempt")
        else:
            worker.enter(WorkerStage.STARTING)

    def _start_run(self, worker: SlotWorker, run: PlannedRun) -> None:
        """Claim a run and send it to the worker, unless another process has it."""
        with ExitStack() as claim:
            result = claim.enter_context(claimed(self._claims, run, self._progress, wait=False))
            if result is ClaimResult.OURS:
                # The worker holds the claim until the run has ended.
                worker.run, worker.claim = run, claim.pop_all()
                self._send(worker, run)
            elif result is ClaimResult.BUSY:
                self._claimed_elsewhere.append(run)

    def _send(self, worker: SlotWorker, run: PlannedRun) -> None:
        worker.enter(WorkerStage.BUSY)
        self._progress.started(run)
        first = self._fingerprints.first(run.config, worker.slot.name)
        made = worker.slot.assigned(run)
        worker.process.give(MakeRun(made.config, replace(made.launch, fingerprint=first)))

    def _take_over(self) -> None:
        """Check runs that other processes had claimed once all else is done: such a process may have died."""
        waiting, self._claimed_elsewhere = self._claimed_elsewhere, []
        for run in waiting:
            make_claimed(self._claims, run, self._progress, lambda run: self._scheduler.add([run]), wait=True)

    def _receive(self) -> None:
        """Handle new messages; wait a moment if there are none."""
        active = (worker for worker in self._workers if worker.stage is not WorkerStage.RETIRED)
        workers = {worker.remote: worker for worker in active if worker.remote}
        for remote in self._cluster.ready(list(workers), POLL_INTERVAL):
            worker = workers[remote]
            try:
                messages = remote.receive()
            except WorkerLost as gone:
                worker.remote = None
                self._worker_died(worker, str(gone))
            else:
                for message in messages:
                    self._handle(worker, message)
        for worker in self._workers:
            if worker.stage is WorkerStage.STARTING and time.monotonic() - worker.since > START_TIMEOUT:
                self._retire(worker, "the cluster has no room for its worker: `ray status` tells what is taken")

    def _handle(self, worker: SlotWorker, message: Message) -> None:
        run = worker.run
        match message:
            case LogLine(line):
                self._progress.say(f"{worker.slot.name}: {line}")
            case RunEvent(name, fields) if run is not None:
                self._progress.event(run, name, fields)
            case WorkerStarted():
                self._worker_started(worker, message)
            case ServersReady(sandboxes) if worker.stage is WorkerStage.CHECKING:
                worker.log(sandboxes)
                worker.enter(WorkerStage.IDLE)
            case RunFinished() if run is not None:
                self._record_finished(worker, run, message)
            case RunFailed(reason, interrupted) if run is not None:
                outcome = Outcome.INTERRUPTED if interrupted else Outcome.FAULT
                self._ended(worker, run, RunSummary(outcome, 0, time.monotonic() - worker.since, reason))
            case SetupRejected(reason) if run is not None:
                self._ended(worker, run, RunSummary(Outcome.FAULT, 0, 0.0, f"not recorded: {reason}"))
            case SetupRejected(reason):
                self._rejected = reason
                self._retire(worker, reason)
            case ServerUnavailable(reason) | RunFailed(reason):
                self._retire(worker, reason)
            case WorkerDied(reason):
                self._worker_died(worker, reason)

    def _worker_started(self, worker: SlotWorker, hello: WorkerStarted) -> None:
        if mismatch := version_mismatch(hello):
            self._retire(worker, mismatch)
        elif worker.stage is WorkerStage.STARTING:
            worker.log(f"a worker on {hello.host}")
            self._check_servers(worker)

    def _check_servers(self, worker: SlotWorker) -> None:
        """Have the worker check the server with the most demanding configs."""
        worker.enter(WorkerStage.CHECKING)
        worker.process.give(CheckServers(most_demanding(worker.slot, self._runs[worker.slot])))

    def _record_finished(self, worker: SlotWorker, run: PlannedRun, made: RunFinished) -> None:
        """Record a run that the worker finished."""
        line = made.line
        ended = RunSummary.of(line)
        if line["cell"] != run.cell:
            reason = "not recorded: another cell was made there: the program or the files of its task differ from here"
            ended = RunSummary(Outcome.FAULT, 0, line["duration_sec"], reason)
        else:
            try:
                Outputs(Path(run.config.log_dir)).adopt(line["run_id"], made.parcel, line)
            except OSError as error:
                ended = RunSummary(Outcome.FAULT, 0, line["duration_sec"], f"not recorded: {error}")
            odd = self._fingerprints.note(run.config, worker.slot.name, line["server"].get("fingerprint"))
            if odd and worker.slot.shared:
                worker.log(f"warning: {odd}")
        if made.left:
            worker.log(f"too large to fetch: {', '.join(made.left)} of {made.folder}")
        self._finished += 1
        self._ended(worker, run, ended)

    def _ended(self, worker: SlotWorker, run: PlannedRun, ended: RunSummary) -> None:
        worker.release()
        self._progress.ended(run, ended)
        worker.enter(WorkerStage.IDLE)
        self._count(worker, ended.reason or ended.outcome.value, failed=not ended.outcome.counts)

    def _worker_died(self, worker: SlotWorker, reason: str) -> None:
        """Handle a dead worker: its run in flight is recorded as a fault."""
        if self._stopping:
            worker.enter(WorkerStage.RETIRED)
        if worker.stage is WorkerStage.RETIRED:
            return
        if (run := worker.run) is not None:
            self._record_lost(worker, run, reason)
        worker.enter(WorkerStage.IDLE)
        if self._count(worker, reason, failed=True):
            return
        if worker.remote is None:
            worker.enter(WorkerStage.NOT_STARTED)
        else:
            self._check_servers(worker)

    def _record_lost(self, worker: SlotWorker, run: PlannedRun, reason: str) -> None:
        ended = record_lost(worker, run, reason)
        worker.release()
        self._attempts[run.key] += 1
        if self._plan.sweep.retry is Retry.none or self._attempts[run.key] == MOST_ATTEMPTS:
            self._progress.ended(run, ended)
        else:
            self._progress.again(run, reason)
            self._scheduler.put_back(worker.slot, run)

    def _count(self, worker: SlotWorker, reason: str, *, failed: bool) -> bool:
        """Count faults in a row; returns True if the slot was retired for them."""
        if too_many := worker.faults.count(failed=failed) and not self._stopping:
            self._retire(worker, f"{worker.faults.length} faults in a row: {reason}")
        return too_many

    def _retire(self, worker: SlotWorker, reason: str) -> None:
        """Stop using a slot: other slots of its pool take over its runs."""
        if worker.stage is WorkerStage.RETIRED:
            return
        if (run := worker.run) is not None:
            worker.release()
            self._progress.again(run, reason)
            self._scheduler.put_back(worker.slot, run)
        worker.enter(WorkerStage.RETIRED)
        self._scheduler.retire(worker.slot)
        self._progress.say(f"{worker.slot.name} is used no more: {reason}")

    def _interrupt_all(self) -> None:
        """Interrupt the runs in flight, and record them as interrupted."""
        self._stopping = True
        busy = [worker for worker in self._workers if worker.stage is WorkerStage.BUSY]
        for worker in busy:
            worker.process.interrupt()
        until = time.monotonic() + STOP_TIMEOUT
        while any(worker.stage is WorkerStage.BUSY for worker in busy) and time.monotonic() < until:
            self._receive()
