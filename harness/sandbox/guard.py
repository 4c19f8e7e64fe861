"""A guard over the places in a folder that programs run by themselves: what a command changed there is undone.

What was there before is read-only in the confining sandboxes; without one, small files in it are kept and put back.
What a command makes anew is removed before anybody else sees it, since no sandbox can forbid a name.
"""

import os
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.protected import entry_reader
from harness.trees import DEEPEST, clear, walk

MOST_FILES = 2000
"""Files of a place that are kept to be put back."""
LARGEST_FILE = 256 << 10
"""Bytes of a file that is kept: hooks and settings are far smaller."""
MOST_SAVED = 16 << 20
"""Bytes of a new place that are saved before it is removed."""
COMMITTED = frozenset(
    (
        *("objects", "refs", "logs", "index", "HEAD", "ORIG_HEAD", "FETCH_HEAD", "MERGE_HEAD", "COMMIT_EDITMSG"),
        *("packed-refs", "lfs", "gc.log", "store", "dirstate", "cache", "wcache", "wc.db", "wc.db-journal"),
        *("pristine", "tmp", "op_store", "op_heads", "working_copy"),
    )
)
"""Names that version control writes at every commit. They are data, never a command."""

ProtectedPaths = dict[str, tuple[int, int]]
"""Protected entries by relative path, each with its device and inode."""


@dataclass(frozen=True)
class KeptFile:
    """Saved state of a file."""

    mark: tuple[int, ...]
    mode: int
    content: bytes | str
    """Its bytes; of a link, where it leads."""


class Guard:
    """Checks one folder before and after every command."""

    def __init__(
        self,
        root: Path,
        *,
        copies: bool,
        report: Callable[[str], object] | None = None,
        saved: Path | None = None,
    ) -> None:
        """`copies`: keep files to put them back, since nothing forbids their change. `report` gets the name of
        whatever was changed. New places are saved as archives in `saved` before they go, if that is given."""
        self._root = root.resolve()
        self._copies = copies
        self._report = report
        self._saved = saved
        self._before: ProtectedPaths = {}
        self._kept: dict[str, dict[str, KeptFile]] = {}

    def before(self) -> list[Path]:
        """Record the protected paths; return those that must be read-only."""
        self._before = places(self._root)
        if self._copies:
            self._kept = {name: self._snapshot(name) for name in self._before}
        paths = [self._root / name for name in self._before]
        return [path for path in paths if not path.is_symlink()]

    def after(self) -> tuple[str, ...]:
        """Undo changes since `before`; return the names of what was changed."""
        now = places(self._root)
        names = [name for name in self._before if now.get(name) != self._before[name] and self._moved_back(name, now)]
        for name in now:
            if name not in self._before:
                self._remove(name)
                names.append(name)
        if self._copies:
            names += [changed for name in self._before for changed in self._put_back(name)]
        for name in names:
            if self._report:
                self._report(name)
        return tuple(names)

    def _moved_back(self, name: str, now: ProtectedPaths) -> bool:
        """Put a place back that was renamed, or moved with its folder; true, since it was not where it belongs."""
        for entry in walk(self._root):
            if (entry.status.st_dev, entry.status.st_ino) == self._before[name] and entry.name != name:
                path = self._root / name
                with suppress(OSError):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    clear(path)
                    entry.path.rename(path)
                    now.pop(entry.name, None)
                break
        return True

    def _remove(self, name: str) -> None:
        path = self._root / name
        if self._saved:
            with suppress(OSError):
                _save(path, self._root, self._saved)
        with suppress(OSError):
            clear(path)

    def _snapshot(self, name: str) -> dict[str, KeptFile]:
        """The small files of a place; one that is as it was when it was last kept is not read again."""
        earlier = self._kept.get(name, {})
        kept: dict[str, KeptFile] = {}
        for relative, path, status in _files(self._root / name):
            if len(kept) >= MOST_FILES:
                break
            mark = _mark(status)
            known = earlier.get(relative)
            if known and known.mark == mark:
                kept[relative] = known
                continue
            with suppress(OSError):
                content = os.readlink(path) if stat.S_ISLNK(status.st_mode) else path.read_bytes()  # noqa: PTH115
                kept[relative] = KeptFile(mark, stat.S_IMODE(status.st_mode), content)
        return kept

    def _put_back(self, name: str) -> list[str]:
        """Restore the files of a place, and remove those that are new in it; returns their names."""
        kept, place = self._kept.get(name, {}), self._root / name
        now = {relative: (path, _mark(status)) for relative, path, status in _files(place)}
        changed = [one for one, was in kept.items() if one not in now or now[one][1] != was.mark]
        changed = [one for one in changed if _restore(place / one if one else place, kept[one])]
        new = [one for one in now if one not in kept] if len(kept) < MOST_FILES else []
        for one in new:
            with suppress(OSError):
                clear(now[one][0])
        return [f"{name}/{one}".rstrip("/") for one in (*changed, *new)]


def places(root: Path) -> ProtectedPaths:
    """Every protected entry of a folder, and what lies too deep to be looked at."""
    result: ProtectedPaths = {}
    ahead = [("", 0)]
    while ahead:
        inner, depth = ahead.pop()
        with suppress(OSError), os.scandir(os.path.join(root, inner)) as entries:  # noqa: PTH118 - far cheaper
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                closed = entry_reader(entry.name, is_folder=is_folder or entry.is_symlink())
                name = f"{inner}/{entry.name}" if inner else entry.name
                if closed or (is_folder and depth >= DEEPEST):
                    status = entry.stat(follow_symlinks=False)
                    result[name] = (status.st_dev, status.st_ino)
                elif is_folder:
                    ahead.append((name, depth + 1))
    return result


def _save(path: Path, root: Path, saved: Path) -> None:
    """Keep what may be the user's own, who works in the same folder; an archive is nothing that runs."""
    if path.is_dir() and sum(entry.status.st_size for entry in walk(path)) > MOST_SAVED:
        return
    saved.mkdir(parents=True, exist_ok=True)
    descriptor, target = tempfile.mkstemp(dir=saved, suffix=".tar")
    with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(path, path.relative_to(root).as_posix())
    Path(target).chmod(0o600)


def _files(place: Path) -> list[tuple[str, Path, os.stat_result]]:
    """Small files and links of a place, by path relative to it; itself, if it is one, by the empty path."""
    try:
        status = place.lstat()
    except OSError:
        return []
    if not stat.S_ISDIR(status.st_mode):
        return [("", place, status)] if status.st_size <= LARGEST_FILE else []
    entries = walk(place, lambda folder, name, leads_on: name in COMMITTED or name.endswith(".lock"))  # noqa: ARG005
    return [
        (entry.name, entry.path, entry.status)
        for entry in entries
        if not entry.is_folder and entry.status.st_size <= LARGEST_FILE
    ]


def _mark(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_mode)


def _restore(path: Path, was: KeptFile) -> bool:
    """Write a file as it was, in one step and through no link; false if nothing but its times had changed."""
    with suppress(OSError):
        status = path.lstat()
        if isinstance(was.content, bytes) and stat.S_ISREG(status.st_mode) and path.read_bytes() == was.content:
            path.chmod(was.mode)
            return stat.S_IMODE(status.st_mode) != was.mode
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() and not path.is_symlink():
            clear(path)
        if isinstance(was.content, str):
            path.unlink(missing_ok=True)
            path.symlink_to(was.content)
        else:
            descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".guard-")
            with os.fdopen(descriptor, "wb") as file:
                file.write(was.content)
                os.fchmod(descriptor, was.mode)
            shutil.move(part, path)
    return True
