"""Locks between processes. The system releases each one when its process ends, however it ends."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from harness.config import digest

HERE = "127.0.0.1"
LOOPBACK = {"localhost": HERE, "::1": HERE, "0.0.0.0": HERE}


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


@contextmanager
def endpoint_held(endpoint: str, on_wait: Callable[[], None]) -> Iterator[None]:
    """Lock a server against the other sweeps of this user: it serves one run at a time.

    A sweep that finds it taken tells `on_wait` and waits.
    """
    folder = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"harness-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / f"{digest(server_of(endpoint))[:16]}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            on_wait()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def server_of(endpoint: str) -> str:
    """Return the host and port behind a URL: one server has many URLs."""
    url = urlsplit(endpoint)
    host = (url.hostname or "").lower()
    return f"{LOOPBACK.get(host, host)}:{url.port or (443 if url.scheme == 'https' else 80)}"
