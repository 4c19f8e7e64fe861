"""One run of a sweep, ready to be started."""

from dataclasses import dataclass

from harness.config import RunConfig
from harness.state import Launch


@dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep, ready to be started."""

    config: RunConfig
    cell: str
    label: str
    """The run in a few words: its task, its levels of the factors that vary, its replicate."""
    launch: Launch
    """Where the run stands in its sweep."""

    @property
    def key(self) -> tuple[str, int]:
        """What the ledger knows a finished run by."""
        return self.cell, self.config.replicate
