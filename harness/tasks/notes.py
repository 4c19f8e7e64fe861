"""Notes kept with a task: where it came from, what decides, and what the subject may change of its seed."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from harness.config import ConfigError

NOTES = "task.json"
"""Name of the file, in the folder of the task."""


@dataclass(frozen=True)
class TaskNotes:
    """Origin of a task, and the rules that come with it."""

    verify: str
    """The command that decides."""
    set: str
    """Name of the set, such as exercism/go: results of different sets are never pooled."""
    writable: list[str] = field(default_factory=list)
    """Files of the seed that the subject may change: stubs. All others are put back before the gate looks."""
    source: str = ""
    """Address of the repository, or path of the file, that it was imported from."""
    commit: str = ""
    """Commit of that repository; empty where unknown."""
    public: bool = False
    """True for a published set: models have seen it in training."""
    difficulty: int | None = None
    """Difficulty as the set states it; None where it does not."""
    remarks: list[str] = field(default_factory=list)
    """Facts about the import that a reader of results must know."""


def read_notes(folder: Path) -> TaskNotes | None:
    """Return the notes of an imported task; None for a task without any. Raises ConfigError if they cannot be read."""
    try:
        text = (folder / NOTES).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return TaskNotes(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise ConfigError(f"{folder / NOTES}: cannot be read: {error}") from error
