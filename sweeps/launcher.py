"""Launch sweeps and single runs; an error in one run never costs another."""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Protocol

from harness.checks import check
from harness.config import ConfigError, RunConfig
from harness.identity import assignment
from harness.interrupts import INTERRUPTED
from harness.outcome import Outcome
from harness.outputs import Outputs
from harness.record import RunRecord
from harness.runner import run
from harness.servers.weights import check_weights
from harness.state import Launch
from harness.subjects import ServerNotStarted, Subjects
from harness.transcript import OnEvent
from sweeps.checks import confinements, problem_of_arms, warnings
from sweeps.compose import Composed, Composer
from sweeps.endpoints import EndpointFor, Endpoints, ServerGone
from sweeps.plan.declaration import changes, declare
from sweeps.plan.order import ServerKey, server_key
from sweeps.plan.planner import Job, plan
from sweeps.plan.run import NO_PATTERNS, PlannedRun, TaskLevels
from sweeps.preflight import check_servers
from sweeps.progress.claims import ClaimResult, Claims, FaultStreak, NoClaims, SharedClaims, make_claimed
from sweeps.progress.display import Progress, RunSummary, progress_display
from sweeps.progress.history import SweepHistory
from sweeps.strategies.base import Strategy, StrategyOf, batches
from sweeps.watch import ServerChanged, Watched

FAULTS_LEFT = 1


class RunFunction(Protocol):
    """The function that makes one run: `harness.runner.run`; tests pass others that fail as they need."""

    def __call__(self, config: RunConfig, *, endpoint: str, launch: Launch, on_event: OnEvent) -> RunRecord: ...


Executor = Callable[[Strategy, SweepHistory], int]
"""Makes the runs that a strategy selects, and returns the exit code."""


def launch_sweep(
    jobs: Sequence[Job],
    composer: Composer,
    strategy_of: StrategyOf,
    executor: Executor | None = None,
    tasks: TaskLevels = NO_PATTERNS,
) -> int:
    """Plan the jobs, run those without a result, and return the exit code.

    0: every run that the strategy asks for has a result. 1: some are left without. 130: interrupted. Raises
    ConfigError, before anything is run, if one of the runs cannot be.
    """
    planned = plan(jobs, composer, lambda config: assignment(config).inputs, tasks)
    strategy = strategy_of(planned)
    planned = strategy.plan
    log_dirs = {run.config.log_dir for run in planned.runs}
    for log_dir in log_dirs:
        Outputs(Path(log_dir)).check_ledger()
    for line in changes(planned.runs, planned.tasks):
        print(line, file=sys.stderr)
    unfit = problem_of_arms([run.config for run in planned.runs])
    if planned.sweep.dry_run:
        if unfit:
            print(f"warning: {unfit}", file=sys.stderr)
        for line in strategy.preview(SweepHistory(log_dirs)):
            print(line)
        return 0
    if unfit:
        raise ConfigError(unfit)
    check([one.config for one in planned.runs])
    for line in warnings(planned.runs):
        print(line, file=sys.stderr)
    for log_dir in log_dirs:
        Outputs(Path(log_dir)).recover()
    declare(planned.runs, planned.sweep, strategy.rule(), planned.tasks)
    return (executor or run_sequentially)(strategy, SweepHistory(log_dirs))


def run_sequentially(strategy: Strategy, histories: SweepHistory) -> int:
    """Make the runs in this process, one after another: an `Executor`."""
    sweep = strategy.plan.sweep
    status = strategy.status(histories, made=())
    if status.remaining:
        print(confinements(one.config for one in status.remaining), file=sys.stderr)
    with progress_display(status.total, status.finished) as progress, Subjects() as subjects:
        endpoints = Endpoints(subjects.endpoint, progress.say, sweep.wait_for_server)
        turns = SharedClaims(histories, sweep.retry, progress.say)
        watched = Watched(run)
        try:
            configs = [planned.config for planned in status.remaining]
            several = len({server_key(config) for config in configs if config.server.managed}) > 1
            # To look all of several managed servers over first would start each of them once more.
            first = [config for config in configs if not (several and config.server.managed)]
            watched.seen.update(check_servers(first, endpoints.held))
            watched.check_later(config for config in configs if several and config.server.managed)
            watched.remember(status.remaining, histories)
        except ServerGone as gone:
            progress.close("stopped before the first run", str(gone))
            return FAULTS_LEFT
        launcher = SequentialExecutor(watched, endpoints.held, progress, turns)
        code = launcher.launch(batches(strategy, histories, progress))
    histories.look()
    status = strategy.status(histories, made=())
    if code == INTERRUPTED:
        return code
    return 0 if status.finished == status.total else FAULTS_LEFT


def launch_single(composed: Composed) -> int:
    """Make one run, recorded before or not, and return the exit code of its outcome."""
    check_weights([composed.run])
    check([composed.run])
    print(confinements([composed.run]), file=sys.stderr)
    label = f"{composed.run.task.title} r{composed.run.replicate}"
    alone = PlannedRun(composed.run, cell="", label=label, launch=Launch(sweep=composed.sweep.name or None))
    with progress_display(1, 0) as progress, Subjects() as subjects:
        endpoints = Endpoints(subjects.endpoint, progress.say, patience=None)
        # Outside of the run: a server that cannot be started is a mistake in the config, and no run.
        with endpoints.held(composed.run) as endpoint:
            launcher = SequentialExecutor(run, lambda _: nullcontext(endpoint), progress, NoClaims())
            return launcher.attempt(alone).said.exit_code


class SequentialExecutor:
    """Executes runs in this process, one in flight."""

    def __init__(self, run: RunFunction, endpoint_for: EndpointFor, progress: Progress, turns: Claims) -> None:
        self._run = run
        self._endpoint_for = endpoint_for
        self._progress = progress
        self._turns = turns
        self._down: set[ServerKey | None] = set()
        """Managed servers that did not start: no run is tried with them again in this launch."""

    def launch(self, batches: Iterable[Sequence[PlannedRun]]) -> int:
        """Run one batch after another, each in order, and return the exit code of the sweep.

        The next batch may depend on the results of the last one, so it is requested after those are recorded.
        """
        try:
            return self._launch(batches)
        except KeyboardInterrupt:
            self._progress.close("interrupted")
            return INTERRUPTED
        except _Stopped as stopped:
            self._progress.close(f"stopped {stopped}", stopped.reason)
            return FAULTS_LEFT

    def _launch(self, batches: Iterable[Sequence[PlannedRun]]) -> int:
        faults = _Faults()
        idle = True
        for batch in batches:
            idle = False
            make = partial(self._make, faults)
            results = [make_claimed(self._turns, one, self._progress, make, wait=False) for one in batch]
            for planned, result in zip(batch, results, strict=True):
                if result is ClaimResult.BUSY:
                    make_claimed(self._turns, planned, self._progress, make, wait=True)
        self._progress.close("nothing left to do" if idle else "done")
        return FAULTS_LEFT if faults.total else 0

    def _make(self, faults: "_Faults", planned: PlannedRun) -> None:
        """Make a run, unless its server could not be started."""
        ended = None if server_key(planned.config) in self._down else self.attempt(planned)
        if ended is None or server_key(planned.config) in self._down:
            faults.total += 1
        else:
            faults.count(ended)

    def attempt(self, planned: PlannedRun) -> RunSummary:
        """Make one run. Whatever it raises ends that run alone."""
        started = time.monotonic()
        self._progress.started(planned)
        try:
            with self._endpoint_for(planned.config) as endpoint:
                on_event = partial(self._progress.event, planned)
                record = self._run(planned.config, endpoint=endpoint, launch=planned.launch, on_event=on_event)
            ended = RunSummary.of(record.as_dict())
        except ServerGone as gone:
            raise _Stopped("before a run", str(gone)) from gone
        except ServerChanged as change:
            raise _Stopped("before a run", str(change)) from change
        except ServerNotStarted as error:
            self._down.add(server_key(planned.config))
            label = planned.label.rpartition(" ")[0]
            self._progress.say(f"warning: the server of {label} is skipped, with every run that needs it: {error}")
            ended = RunSummary(Outcome.FAULT, 0, time.monotonic() - started, f"not recorded: {error}")
        except KeyboardInterrupt:
            ended = RunSummary(Outcome.INTERRUPTED, 0, time.monotonic() - started)
        except (Exception, SystemExit) as error:  # the one boundary between runs
            reason = f"not recorded: {type(error).__name__}: {error}"
            ended = RunSummary(Outcome.FAULT, 0, time.monotonic() - started, reason)
        self._progress.ended(planned, ended)
        return ended


class _Stopped(Exception):  # noqa: N818 - the end of a sweep, not an error
    """The sweep stops early."""

    def __init__(self, when: str, reason: str | None) -> None:
        super().__init__(when)
        self.reason = reason


class _Faults:
    """Counts the faults of this launch, in all and in a row."""

    def __init__(self) -> None:
        self.total = 0
        self._streak = FaultStreak()

    def count(self, ended: RunSummary) -> None:
        """Raises KeyboardInterrupt after an interrupted run, and _Stopped after too many faults in a row."""
        if ended.outcome is Outcome.INTERRUPTED:
            raise KeyboardInterrupt
        failed = ended.outcome is Outcome.FAULT
        self.total += failed
        if self._streak.count(failed=failed):
            raise _Stopped(f"after {self._streak.length} faults in a row", ended.reason)
