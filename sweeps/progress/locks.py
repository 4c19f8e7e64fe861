"""Claims between processes. The system releases each one when its process ends, however it ends."""

import fcntl
import os
from pathlib import Path

from harness.config import digest


class ClaimFile:
    """A file of claims: each run is one byte, locked by the process that makes it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)

    def take(self, key: tuple[str, int], *, wait: bool = False) -> bool:
        """Claim a run, after waiting with `wait`; False if it is taken."""
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, _byte(key))
        except (BlockingIOError, PermissionError):  # systems differ in how they say it
            return False
        return True

    def release(self, key: tuple[str, int]) -> None:
        """Release a claim."""
        fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, _byte(key))


def _byte(key: tuple[str, int]) -> int:
    # Of 2^60 places two keys of a sweep never share one; the file itself stays empty.
    return int(digest(key)[:15], 16)
