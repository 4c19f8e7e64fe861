"""Bounds on the processes and the memory of a command: control groups, where this user may make them.

That is root's privilege on most systems. Elsewhere memory is looked at from outside, and the confining sandboxes set
the limit of processes of their own user namespace, which counts nobody else's.
"""

import contextlib
import functools
import os
import time
from itertools import count
from pathlib import Path
from types import TracebackType

from harness.sandbox.usage import MemoryWatch, PacedWatch, ProcessWatch

MOUNT = Path("/sys/fs/cgroup")
REMOVALS = 20
"""Tries at removing a group: its last processes are gone a moment after they were ended."""

LIMITING = {"pids": ("pids.max",), "memory": ("memory.max", "memory.limit_in_bytes")}
"""The file of a group that holds the limit of a controller, in either version of the interface."""

_numbers = count()


class MemoryGroup(PacedWatch):
    """The memory of a control group: the kernel ends a process of it that wants more, and counts that."""

    def __init__(self, counter: Path, most: int) -> None:
        super().__init__()
        self._counter = counter
        self._most = most

    def look(self, leader: int) -> str:  # noqa: ARG002
        with contextlib.suppress(OSError, ValueError):
            words = self._counter.read_text().split()
            if int(words[words.index("oom_kill") + 1]):
                return f"more than {self._most >> 20} MB of memory"
        return ""


class CommandGroups:
    """Control groups of one command; where none can be made, its memory is watched instead."""

    def __init__(self, processes: int, memory: int) -> None:
        """Limit the number of processes and the bytes of memory; 0 is no limit."""
        self._processes = processes
        self._memory = memory
        self._groups: dict[str, Path] = {}

    def __enter__(self) -> "CommandGroups":
        if self._processes and (group := self._made("pids")):
            _set(group / "pids.max", self._processes)
        if self._memory and (group := self._made("memory")):
            # Without the second of each pair, what is too much would go to the swap space.
            for name in ("memory.max", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"):
                _set(group / name, self._memory)
            _set(group / "memory.swap.max", 0)
        return self

    @property
    def watches(self) -> list[PacedWatch]:
        """Return the watches over memory, and over the number of processes where no group limits it."""
        memory = [self._memory_watch()] if self._memory else []
        return [*memory, *([ProcessWatch(self._processes)] if self._processes and "pids" not in self._groups else [])]

    def _memory_watch(self) -> PacedWatch:
        group = self._groups.get("memory")
        for name in ("memory.events", "memory.oom_control") if group else ():
            if group and (group / name).exists():
                return MemoryGroup(group / name, self._memory)
        return MemoryWatch(self._memory)

    @property
    def entries(self) -> list[str]:
        """Return the files into which a process writes its id to enter the groups."""
        return [str(group / "cgroup.procs") for group in dict.fromkeys(self._groups.values())]

    def freeze(self) -> None:
        """Stop all processes of the groups from starting others, so that all can be ended."""
        if "pids" in self._groups:
            _set(self._groups["pids"] / "pids.max", 0)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        groups, self._groups = {*self._groups.values()}, {}
        for group in groups:
            _remove(group)

    def _made(self, controller: str) -> Path | None:
        """The group in the hierarchy of a controller, which may be one for all; None if there can be none."""
        parent = parent_group(controller)
        if parent is None:
            return None
        made = next((group for group in self._groups.values() if group.parent == parent), None)
        if made is None:
            made = parent / f"harness-{os.getpid()}-{next(_numbers)}"
            try:
                made.mkdir()
            except OSError:
                return None
        self._groups[controller] = made
        return made


def _set(file: Path, value: int) -> None:
    with contextlib.suppress(OSError):
        # A name that the hierarchy does not know must not become a file in a folder that is none of its groups.
        descriptor = os.open(file, os.O_WRONLY)
        try:
            os.write(descriptor, f"{value}\n".encode())
        finally:
            os.close(descriptor)


def _remove(group: Path) -> None:
    for _ in range(REMOVALS):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        if not group.exists():
            return
        time.sleep(0.002)


@functools.cache
def parent_group(controller: str) -> Path | None:
    """Our own group in the hierarchy of a controller, if groups can be made in it; found out by making one."""
    for folder in _own_groups(controller):
        trial = folder / f"harness-{os.getpid()}-trial"
        with contextlib.suppress(OSError):
            trial.mkdir()
            counts = any((trial / name).exists() for name in LIMITING[controller])
            trial.rmdir()
            if counts:
                _clear_away(folder)
                return folder
    return None


def _clear_away(parent: Path) -> None:
    """Remove the groups of a harness that was killed."""
    for group in parent.glob("harness-*"):
        if not Path("/proc", group.name.split("-")[1]).exists():
            with contextlib.suppress(OSError):
                group.rmdir()


def _own_groups(controller: str) -> list[Path]:
    try:
        lines = Path("/proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    entries = [line.split(":", 2) for line in lines]
    places = {controller: MOUNT / controller, "": MOUNT}
    return [places[kind] / path.lstrip("/") for _, kind, path in entries if kind in places]
