"""The time that a run is given."""

import time


class Deadline:
    """The moment at which a run's time is up; 0 seconds set none."""

    def __init__(self, seconds: float = 0.0) -> None:
        self._at = time.monotonic() + seconds if seconds else None

    @property
    def at(self) -> float | None:
        """The moment, on the monotonic clock; None where there is none."""
        return self._at

    @property
    def passed(self) -> bool:
        return self._at is not None and time.monotonic() >= self._at
