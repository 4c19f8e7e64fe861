"""A bound on how many processes a command may be at once: a control group, where this user may make one.

That is root's privilege on most systems. Elsewhere, and beside it, the confining sandboxes set the limit of
processes of their own user namespace, which counts nobody else's.
"""

import contextlib
import functools
import os
import shlex
import time
from itertools import count
from pathlib import Path
from types import TracebackType

MOUNT = Path("/sys/fs/cgroup")
REMOVALS = 20
"""Tries at removing a group: its last processes are gone a moment after they were ended."""

_numbers = count()


class Bounded:
    """A group for one command and all that comes of it; where there can be none, it does nothing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._group: Path | None = None

    def __enter__(self) -> "Bounded":
        parent = parent_group()
        if parent and self._most:
            group = parent / f"harness-{os.getpid()}-{next(_numbers)}"
            with contextlib.suppress(OSError):
                group.mkdir()
                self._group = group
                (group / "pids.max").write_text(f"{self._most}\n")
        return self

    @property
    def joining(self) -> str:
        """A shell command by which a shell enters the group."""
        return f"echo $$ 2>/dev/null >{shlex.quote(str(self._group / 'cgroup.procs'))}; " if self._group else ""

    def freeze(self) -> None:
        """Let nobody in it start another process, so that all of them can be ended."""
        if self._group:
            with contextlib.suppress(OSError):
                (self._group / "pids.max").write_text("0\n")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        group, self._group = self._group, None
        for _ in range(REMOVALS):
            if group is None or not group.exists():
                return
            with contextlib.suppress(OSError):
                group.rmdir()
                return
            time.sleep(0.002)


@functools.cache
def parent_group() -> Path | None:
    """Our own group in the hierarchy that counts processes, if groups can be made in it; found out by making one."""
    for folder in _own_groups():
        trial = folder / f"harness-{os.getpid()}-trial"
        with contextlib.suppress(OSError):
            trial.mkdir()
            counts = (trial / "pids.max").exists()
            trial.rmdir()
            if counts:
                _clear_away(folder)
                return folder
    return None


def _clear_away(parent: Path) -> None:
    """Remove what a harness that was killed left behind."""
    for group in parent.glob("harness-*"):
        if not Path("/proc", group.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):
                group.rmdir()


def _own_groups() -> list[Path]:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    entries = [line.split(":", 2) for line in lines]
    places = {"pids": MOUNT / "pids", "": MOUNT}
    return [places[kind] / path.lstrip("/") for _, kind, path in entries if kind in places]
