"""One run at a time on a server, by a lock that the system releases when its process ends, however it ends."""

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


@contextmanager
def endpoint_held(endpoint: str, on_wait: Callable[[], None]) -> Iterator[None]:
    """Lock a server against the other runs of this user: it serves one at a time.

    Calls `on_wait` before it waits for another process.
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
