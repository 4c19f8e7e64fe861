"""Runs one planned run after another: what goes wrong in one of them never costs another."""

import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from omegaconf import DictConfig

from harness.config import RunConfig
from harness.identity import assignment
from harness.record import Outcome, RunRecord
from harness.run import run
from harness.state import Launch
from harness.transcript import OnEvent
from sweeps.checks import check, warnings
from sweeps.compose import Composed, Composer
from sweeps.plan import Job, plan
from sweeps.planned import PlannedRun
from sweeps.preflight import check_servers
from sweeps.progress import Ended, Progress, progress_display
from sweeps.resume import left_to_do
from sweeps.subjects import Subjects
from sweeps.watch import Watched

MOST_FAULTS_IN_A_ROW = 3
"""What failed so often in a row will fail the next run too: the sweep stops before it burns every cell."""

FAULTS_LEFT, INTERRUPTED = 1, 130


class Run(Protocol):
    """What carries out one run: `harness.run.run`, and in tests whatever misbehaves as they need."""

    def __call__(self, config: RunConfig, *, endpoint: str, launch: Launch, on_event: OnEvent) -> RunRecord: ...


def launch_sweep(jobs: Sequence[Job], compose: Callable[[list[str]], DictConfig]) -> int:
    """Plan the jobs, run those without a result, and return the exit code.

    0: every planned run has a result. 1: faults are left. 130: interrupted. Raises ConfigError, before anything
    is run, if one of the runs cannot be.
    """
    runs = plan(jobs, Composer(compose), lambda config: assignment(config).inputs)
    check([planned.config for planned in runs])
    for line in warnings(runs):
        print(line, file=sys.stderr)
    pending = left_to_do(runs)
    with progress_display(len(runs), len(runs) - len(pending)) as progress, Subjects() as subjects:
        check_servers([planned.config for planned in pending], subjects.endpoint)
        return Sequential(Watched(run), subjects.endpoint, progress).launch(pending)


def launch_single(composed: Composed) -> int:
    """Run one config, recorded before or not, and return the exit code of its outcome."""
    check([composed.run])
    label = f"{composed.run.task.name} r{composed.run.replicate}"
    alone = PlannedRun(composed.run, cell="", label=label, launch=Launch(sweep=composed.sweep.name or None))
    with progress_display(1, 0) as progress, Subjects() as subjects:
        return Sequential(run, subjects.endpoint, progress).attempt(alone).outcome.exit_code


class Sequential:
    """One run in flight, in this process."""

    def __init__(self, run: Run, endpoint_of: Callable[[RunConfig], str], progress: Progress) -> None:
        self._run = run
        self._endpoint_of = endpoint_of
        self._progress = progress

    def launch(self, pending: Sequence[PlannedRun]) -> int:
        """Run everything that is pending, in order, and return the exit code of the sweep."""
        faults = in_a_row = 0
        for planned in pending:
            ended = self.attempt(planned)
            if ended.outcome is Outcome.INTERRUPTED:
                self._progress.close("interrupted")
                return INTERRUPTED
            failed = ended.outcome is Outcome.FAULT
            faults, in_a_row = faults + failed, in_a_row + 1 if failed else 0
            if in_a_row == MOST_FAULTS_IN_A_ROW:
                self._progress.close(f"stopped after {in_a_row} faults in a row", ended.reason)
                return FAULTS_LEFT
        self._progress.close("done" if pending else "nothing left to do")
        return FAULTS_LEFT if faults else 0

    def attempt(self, planned: PlannedRun) -> Ended:
        """Carry out one run. Whatever it raises is an ending of that run alone."""
        started = time.monotonic()
        self._progress.started(planned)
        try:
            endpoint = self._endpoint_of(planned.config)
            record = self._run(planned.config, endpoint=endpoint, launch=planned.launch, on_event=self._progress.event)
            ended = Ended(record.outcome, record.passes, record.duration_sec, record.fault)
        except KeyboardInterrupt:
            ended = Ended(Outcome.INTERRUPTED, 0, time.monotonic() - started)
        except (Exception, SystemExit) as error:  # the one boundary between runs
            reason = f"not recorded: {type(error).__name__}: {error}"
            ended = Ended(Outcome.FAULT, 0, time.monotonic() - started, reason)
        self._progress.ended(planned, ended)
        return ended
