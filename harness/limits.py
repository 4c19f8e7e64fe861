"""Limits of a run: its time, and the resources of each command."""

import time
from dataclasses import dataclass

from harness.requirements import require


@dataclass
class CommandLimits:
    """Limits of a command with all that it starts. A command beyond a limit is ended, which is a result."""

    memory_mb: int = 4096
    """Megabytes (2^20 bytes) of memory that a command and all that it starts hold together; 0 is no limit."""
    disk_mb: int = 2048
    """Megabytes (2^20 bytes) that the workspace may grow by in a run, together with what a command puts into its
    temporary files and its build cache; 0 is no limit."""
    files: int = 100000
    """Number of files and folders that may be added there; 0 is no limit."""
    processes: int = 4096
    """Processes and threads that a command is at once, where they can be counted; 0 is no limit."""

    def __post_init__(self) -> None:
        for key, most in vars(self).items():
            require(most >= 0, f"limits.{key}", most, "0 (no limit) or more")


class Deadline:
    """End of a run's time on the monotonic clock; 0 seconds set no limit."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._at = time.monotonic() + seconds if seconds else None

    @property
    def at(self) -> float | None:
        """Return the moment on the monotonic clock; None without a limit."""
        return self._at

    @property
    def passed(self) -> bool:
        return self._at is not None and time.monotonic() >= self._at
