"""The time limit of a run."""

import time


class Deadline:
    """The moment at which the time of a run ends; 0 seconds set no limit."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._at = time.monotonic() + seconds if seconds else None

    @property
    def at(self) -> float | None:
        """Return the moment on the monotonic clock; None without a limit."""
        return self._at

    @property
    def passed(self) -> bool:
        return self._at is not None and time.monotonic() >= self._at
