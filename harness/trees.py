"""Folders in which a model's code has run: listed, hashed and removed, whatever was left there.

Names need not be UTF-8, folders may lie too deep to have a path, be locked or immutable, files may be pipes or
sparse and huge. None of that may stop the run that finds it, or the next one.
"""

import ctypes
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import stat
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

LARGE = 64 << 20
"""Bytes of a file from which on only its ends are hashed."""
MOST_HASHED = 2 << 30
"""Bytes hashed of one folder; of the files after these only the ends are."""
END = 1 << 20
DEEPEST = 200
"""Folders inside one another that are looked into: nobody works deeper, and programs fail on more."""
GET_FLAGS, SET_FLAGS = 0x80086601, 0x40086602
LEFT = ".not-removed-"
KEEPING = 0x10 | 0x20
"""Flags of a file that keep even its owner from changing it: immutable, append only."""
DETACH = 2

Skip = Callable[[str, str, bool], bool]
"""Returns True to skip an entry: the relative path of its folder, its name, and True for a folder or a link."""


class TreeEntry(NamedTuple):
    """One file, folder or link."""

    name: str
    """Relative to the root, with forward slashes; bytes that are not UTF-8 as surrogates."""
    place: str
    """Its path as text, which most callers need alone: a `Path` takes longer to make than to list a file."""
    status: os.stat_result
    """Status of the entry itself: links are not followed."""

    @property
    def path(self) -> Path:
        return Path(self.place)

    @property
    def base(self) -> str:
        """Return the last part of the name."""
        return self.name.rpartition("/")[2]

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)


def walk(root: Path, skip: Skip | None = None) -> Iterator[TreeEntry]:
    """Every entry under a folder, in order of names, each folder before what it holds.

    Passed over is what lies deeper than any work does, has no path that the system takes, or is in a folder that
    cannot be read.
    """
    ahead = [""]
    while ahead:
        inner = ahead.pop()
        listed = []
        with suppress(OSError), os.scandir(os.path.join(root, inner)) as entries:  # noqa: PTH118 - far cheaper
            for entry in entries:
                leads_on = entry.is_symlink() or entry.is_dir(follow_symlinks=False)
                if not (skip and skip(inner, entry.name, leads_on)):
                    with suppress(OSError):
                        name = f"{inner}/{entry.name}" if inner else entry.name
                        listed.append(TreeEntry(name, entry.path, entry.stat(follow_symlinks=False)))
        listed.sort(key=lambda entry: entry.name)
        yield from listed
        if inner.count("/") < DEEPEST:
            ahead += [entry.name for entry in reversed(listed) if entry.is_folder]


def readable(name: str) -> str:
    """A text with names in it that can be shown, sent and stored: a byte that is not UTF-8 becomes `\\xNN`."""
    if name.isascii():
        return name
    escaped = re.sub("[\udc80-\udcff]", lambda match: f"\\x{ord(match[0]) - 0xDC00:02x}", name)
    return escaped.encode(errors="backslashreplace").decode()


class Hashing:
    """Digests of files, at a cost that has a bound for one folder."""

    def __init__(self) -> None:
        self._left = MOST_HASHED

    def digest(self, entry: TreeEntry) -> bytes:
        """SHA-256 of a regular file; of a large one over its size, the blocks that it takes, and both ends."""
        size = entry.status.st_size
        try:
            with open(entry.place, "rb") as file:  # noqa: PTH123 - see `TreeEntry.place`
                if size <= min(LARGE, self._left):
                    self._left -= size
                    return hashlib.file_digest(file, "sha256").digest()
                total = hashlib.sha256(f"{size} {entry.status.st_blocks}\0".encode() + file.read(END))
                file.seek(-min(size, END), os.SEEK_END)
                total.update(file.read(END))
                return total.digest()
        except OSError:  # code under test can take the right to read away; the file is there all the same
            return b"unreadable"


def remove_tree(folder: Path) -> None:
    """Remove a folder and all that it holds. Raises OSError if something in it cannot be removed by this user.

    Folders are moved up to the top before they are emptied, so that no depth is too great.
    """
    _free(folder)
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        while names := os.listdir(top):  # noqa: PTH208 - by descriptor, since the path may be too long
            for name in names:
                _remove(top, name)
    finally:
        os.close(top)
    folder.rmdir()


def remove(path: Path) -> None:
    """Remove whatever has this path, a folder with all that it holds; nothing if there is nothing."""
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(path.lstat().st_mode):
            remove_tree(path)
            return
        try:
            path.unlink()
        except PermissionError:
            _free(path.parent)
            _free(path)
            path.unlink()


def clear(path: Path) -> None:
    """Leave nothing at this path; what cannot be removed is moved aside, to a name beside it."""
    try:
        remove(path)
    except OSError:
        path.rename(path.with_name(f"{path.name}{LEFT}{secrets.token_hex(4)}"))


def copy_as_new(source: str, target: str) -> str:
    """Copy a file with its permissions, but as one written now.

    Build tools such as cargo compare times: a file that is older than a build counts as built into it.
    """
    shutil.copyfile(source, target)
    shutil.copymode(source, target)
    return target


@contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A temporary folder that goes at the end, whatever was put into it."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield folder
    finally:
        with suppress(OSError):
            remove_tree(folder)


def _remove(top: int, name: str) -> None:
    if stat.S_ISDIR(os.lstat(name, dir_fd=top).st_mode):
        _remove_folder(top, name)
        return
    try:
        os.unlink(name, dir_fd=top)
    except OSError:
        _loosen(top, name)
        os.unlink(name, dir_fd=top)


def _remove_folder(top: int, name: str) -> None:
    """Move the folders that it holds up to the top, remove the rest, then it."""
    with suppress(OSError):
        os.chmod(name, 0o700, dir_fd=top)
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        _unlock(inner)
        with os.scandir(inner) as entries:
            folders = {entry.name: entry.is_dir(follow_symlinks=False) for entry in entries}
        for one, is_folder in folders.items():
            if not is_folder:
                _remove(inner, one)
                continue
            try:
                _hoist(inner, one, top)
            except OSError:
                _loosen(inner, one)
                _hoist(inner, one, top)
    finally:
        os.close(inner)
    try:
        os.rmdir(name, dir_fd=top)
    except OSError:
        _loosen(top, name)
        os.rmdir(name, dir_fd=top)


def _hoist(inner: int, name: str, top: int) -> None:
    """An empty folder is removed where it is, which is most of them."""
    try:
        os.rmdir(name, dir_fd=inner)
    except OSError:
        os.chmod(name, 0o700, dir_fd=inner)
        os.rename(name, secrets.token_hex(8), src_dir_fd=inner, dst_dir_fd=top)


def _free(path: Path) -> None:
    with suppress(OSError):
        _unlock_at(None, str(path))
    if path.is_dir() and not path.is_symlink():
        with suppress(OSError):
            path.chmod(0o700)


def _loosen(folder: int, name: str) -> None:
    """Take away what may keep an entry from being removed: its flags, or what is mounted there."""
    with suppress(OSError):
        os.chmod(name, 0o700, dir_fd=folder, follow_symlinks=False)
    with suppress(OSError):
        _unlock_at(folder, name)
    if sys.platform == "linux":
        ctypes.CDLL(None).umount2(os.fsencode(f"/proc/self/fd/{folder}/{name}"), DETACH)


def _unlock_at(folder: int | None, name: str) -> None:
    # A pipe is not waited for, and a device is not opened.
    mode = os.lstat(name, dir_fd=folder).st_mode
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            _unlock(descriptor)
        finally:
            os.close(descriptor)


def _unlock(descriptor: int) -> None:
    """Clear the flags that forbid changes, where there are such flags and this user may clear them."""
    if sys.platform != "linux":
        return
    with suppress(OSError):
        [flags] = struct.unpack("i4x", fcntl.ioctl(descriptor, GET_FLAGS, bytes(8)))
        if flags & KEEPING:
            fcntl.ioctl(descriptor, SET_FLAGS, struct.pack("i4x", flags & ~KEEPING))
