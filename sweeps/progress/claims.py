"""Claims on runs, where several processes share a grid: no run is made twice, and none is forgotten."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from pathlib import Path
from typing import Protocol

from harness.outputs import Outputs
from sweeps.plan.run import PlannedRun
from sweeps.progress.display import Progress
from sweeps.progress.history import SweepHistory
from sweeps.progress.locks import ClaimFile
from sweeps.schema import Retry


class ClaimResult(Enum):
    """The result of claiming a run."""

    OURS = "ours"
    BUSY = "busy"
    """Another process has claimed it."""
    DONE = "done"
    """The ledger has a result of another process."""
    FAILED = "failed"
    """Another process tried it without a result, and it is not retried."""


class Claims(Protocol):
    """Claims runs for this process."""

    def taken(self, planned: PlannedRun, *, wait: bool) -> AbstractContextManager[ClaimResult]:
        """Claim a run while the context lasts; with `wait`, wait for the process that has it."""
        ...


@contextmanager
def claimed(claims: Claims, planned: PlannedRun, progress: Progress, *, wait: bool) -> Iterator[ClaimResult]:
    """Claim a run while the context lasts; show what another process has done with it.

    A launcher does this without `wait` first, and with `wait` for the busy runs once all else is done: the process
    that claimed them may have died.
    """
    with claims.taken(planned, wait=wait) as result:
        if result in (ClaimResult.DONE, ClaimResult.FAILED):
            progress.elsewhere(planned, finished=result is ClaimResult.DONE)
        yield result


def make_claimed(
    claims: Claims, planned: PlannedRun, progress: Progress, make: Callable[[PlannedRun], None], *, wait: bool
) -> ClaimResult:
    """Claim a run, and make it if no other process has it or has made it."""
    with claimed(claims, planned, progress, wait=wait) as result:
        if result is ClaimResult.OURS:
            make(planned)
    return result


class FaultStreak:
    """Counts the faults in a row at one server: a sweep stops using it after `MOST`."""

    MOST = 3
    """The next run would most likely fail too."""

    def __init__(self) -> None:
        self.length = 0

    def count(self, *, failed: bool) -> bool:
        """Count the end of a run; returns True once there are too many faults in a row."""
        self.length = self.length + 1 if failed else 0
        return self.length == self.MOST


class NoClaims:
    """Claims of a single run, which belongs to no grid and is always free."""

    def taken(self, planned: PlannedRun, *, wait: bool) -> AbstractContextManager[ClaimResult]:  # noqa: ARG002
        return nullcontext(ClaimResult.OURS)


class SharedClaims:
    """Claims of a grid in a log folder that other processes may work on too."""

    def __init__(self, histories: SweepHistory, retry: Retry, say: Callable[[str], None]) -> None:
        self._histories = histories
        self._retry = retry
        self._say = say
        self._claims: dict[str, ClaimFile] = {}

    @contextmanager
    def taken(self, planned: PlannedRun, *, wait: bool) -> Iterator[ClaimResult]:
        claims = self._claims_in(planned.config.log_dir)
        if not claims.take(planned.key):
            if not wait:
                yield ClaimResult.BUSY
                return
            self._say(f"waiting for {planned.label}, which another process runs")
            claims.take(planned.key, wait=True)
        try:
            yield self._result_of(planned)
        finally:
            claims.release(planned.key)

    def _result_of(self, planned: PlannedRun) -> ClaimResult:
        """Look the run up in the ledger, now that no other process can add to it."""
        history = self._histories.of(planned)
        history.look()
        if planned.key in history.finished:
            return ClaimResult.DONE
        return ClaimResult.OURS if history.unfinished(planned.key, self._retry) else ClaimResult.FAILED

    def _claims_in(self, log_dir: str) -> ClaimFile:
        if log_dir not in self._claims:
            self._claims[log_dir] = ClaimFile(Outputs(Path(log_dir)).claims)
        return self._claims[log_dir]
