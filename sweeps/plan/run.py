"""One run of a sweep, ready to be started."""

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    levels: Mapping[str, str] = field(default_factory=dict)
    """Its levels of the factors that vary, the replicate left out."""

    @property
    def key(self) -> tuple[str, int]:
        """What the ledger knows a finished run by."""
        return self.cell, self.config.replicate


def as_written(level: str) -> str:
    """A level as people write it: Hydra spells switches as Python does."""
    return level.lower() if level in ("True", "False") else level
