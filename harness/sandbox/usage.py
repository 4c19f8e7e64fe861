"""Memory and disk use of a running command, sampled often enough to end one that takes too much.

Looking costs at most a twentieth of the time: the more there is to look at, the longer until the next look. Between
two looks the limit may be passed by what can be written in that time.
"""

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TICK = 0.1
"""Least seconds between two looks."""
SHARE = 20
"""A look is paid by at least this many times its own duration without one."""
UNPROMPTED = 2.0
"""Seconds until the folders are looked at even if their file systems have hardly filled."""
BLOCK = 512
LONG = 3000
"""Bytes of a path to which a name can always be added."""
MEMBERS = 10000
"""Processes of a command that are looked at, at most."""


class Watch(Protocol):
    """Looks at a running command."""

    def excess(self, leader: int) -> str:
        """Return the resource that the command exceeded, in words; empty if none."""
        ...


class PacedWatch:
    """A watch that looks no more often than it can afford."""

    def __init__(self) -> None:
        self._next = time.monotonic() + TICK

    def excess(self, leader: int) -> str:
        begun = time.monotonic()
        if begun < self._next:
            return ""
        result = self.look(leader)
        ended = time.monotonic()
        self._next = ended + max(TICK, SHARE * (ended - begun))
        return result

    def look(self, leader: int) -> str:
        """As `excess`, at once."""
        raise NotImplementedError


class MemoryWatch(PacedWatch):
    """The memory of a process and all its descendants, summed up where no control group does it: Linux only."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def look(self, leader: int) -> str:
        members = _descendants(leader)
        # Pages that are shared count once for each process here, so this is only a reason to look closely.
        if sum(map(_resident, members)) <= self._most or sum(map(_proportional, members)) <= self._most:
            return ""
        return f"more than {self._most >> 20} MB of memory"


class ProcessWatch(PacedWatch):
    """The number of a process and all its descendants, counted where no control group does it: Linux only."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def look(self, leader: int) -> str:
        return f"more than {self._most} processes" if len(_descendants(leader)) > self._most else ""


@dataclass(frozen=True)
class FolderUsage:
    """Size and number of files of a folder."""

    size: int
    """Bytes on the disk: a hole in a file takes none."""
    files: int


class DiskWatch(PacedWatch):
    """The growth of folders: of a workspace since the run began, of others since the command did."""

    def __init__(self, base: FolderUsage, root: Path | None, others: Sequence[Path], size: int, files: int) -> None:
        """`base` is what lay in `root` when the run began; `size` and `files` are the most to be added, 0 no limit."""
        super().__init__()
        self._base = base
        self._root = root
        self._others = others
        self._size = size or sys.maxsize
        self._files = files or sys.maxsize
        self._begun = time.time() - 0.1  # file systems keep time less exactly
        self._free = self._left()
        self._due = time.monotonic() + UNPROMPTED

    def look(self, leader: int) -> str:  # noqa: ARG002
        filled = [before - now for before, now in zip(self._free, self._left(), strict=True)]
        begun = time.monotonic()
        little = max(filled[::2], default=0) < self._size / 4 and max(filled[1::2], default=0) < self._files / 4
        if little and begun < self._due:
            return ""
        result = [usage(self._root)] if self._root else []
        result += [usage(folder, since=self._begun) for folder in self._others]
        self._due = time.monotonic() + max(UNPROMPTED, SHARE * (time.monotonic() - begun))
        if sum(one.size for one in result) - self._base.size > self._size:
            return f"more than {self._size >> 20} MB of disk space"
        if sum(one.files for one in result) - self._base.files > self._files:
            return f"more than {self._files} new files"
        return ""

    def _left(self) -> list[int]:
        """Free bytes and free inodes of each file system concerned, in turn."""
        left = []
        for folder in (*([self._root] if self._root else []), *self._others):
            try:
                status = os.statvfs(folder)
                left += [status.f_bfree * status.f_frsize, status.f_ffree]
            except OSError:  # a command may remove what it works in; a sudden loss is a reason to look closely
                left += [0, 0]
        return left


def usage(folder: Path, since: float = 0.0) -> FolderUsage:
    """Return the use of a folder, at any depth; with `since` (seconds since 1970), only files that changed after it."""
    size, files = 0, 0
    ahead, held = [str(folder)], list[int]()
    linked: set[int] = set()
    try:
        while ahead:
            with suppress(OSError), _opened(ahead.pop(), held) as entries:
                for entry in entries:
                    status = entry.stat(follow_symlinks=False)
                    if entry.is_dir(follow_symlinks=False):
                        ahead.append(entry.path)
                    elif status.st_nlink > 1:
                        if status.st_ino in linked:
                            continue
                        linked.add(status.st_ino)
                    if status.st_ctime >= since:
                        size += status.st_blocks * BLOCK
                        files += 1
    finally:
        for descriptor in held:
            os.close(descriptor)
    return FolderUsage(size, files)


def _opened(path: str, held: list[int]) -> "os._ScandirIterator[str]":
    """The entries of a folder; where their paths could become longer than the system takes, by a short one (Linux)."""
    if len(os.fsencode(path)) < LONG or sys.platform != "linux":
        return os.scandir(path)
    held.append(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW))
    return os.scandir(f"/proc/self/fd/{held[-1]}")


def _descendants(leader: int) -> list[int]:
    result, ahead = list[int](), [leader]
    while ahead and len(result) < MEMBERS:
        pid = ahead.pop()
        result.append(pid)
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                ahead += map(int, task.read_text().split())
    return result


def _resident(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _proportional(pid: int) -> int:
    """Bytes of a process's memory, of shared pages its share."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    return 0
