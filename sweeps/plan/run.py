"""A planned run of a sweep."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from harness.config import RunConfig
from harness.state import Launch


@dataclass(frozen=True)
class TaskLevels:
    """The tasks of a sweep, if it names them by globs or lists."""

    patterns: tuple[str, ...] = ()
    """Globs, lists and names, as they were typed; empty where tasks are only named."""
    names: tuple[str, ...] = ()
    """The names that they stand for, sorted."""


NO_PATTERNS = TaskLevels()


@dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep, ready to be started."""

    config: RunConfig
    cell: str
    label: str
    """Short label: task, levels of the factors that vary, replicate."""
    launch: Launch
    """Its place in the sweep."""
    levels: Mapping[str, str] = field(default_factory=dict)
    """Its levels of the factors that vary, the replicate left out."""

    @property
    def key(self) -> tuple[str, int]:
        """The key of a finished run in the ledger: cell and replicate."""
        return self.cell, self.config.replicate


def as_written(level: str) -> str:
    """Return a level as people write it: Hydra spells booleans as Python does, and quotes text like 7."""
    if len(level) > 1 and level[0] == level[-1] == '"':
        return level[1:-1]
    return level.lower() if level in ("True", "False") else level
