"""Claims on runs, where several processes share a grid: no run is made twice, and none is forgotten."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import Enum
from pathlib import Path
from typing import Protocol

from harness.outputs import Outputs
from sweeps.plan.run import PlannedRun
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
            yield self._standing(planned)
        finally:
            claims.release(planned.key)

    def _standing(self, planned: PlannedRun) -> ClaimResult:
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
