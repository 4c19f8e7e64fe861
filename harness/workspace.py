"""The folder that the subject works in: confined paths, a fingerprint, and the files that are the spec."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from harness.protected import reader, skipped
from harness.trees import LARGE, Hashing, Skip, clear, copy_as_new, remove, walk

SCRATCH = "PROGRESS.md"
"""The subject's own notes: no progress by themselves, and wiped before each pass where memory is off."""

KEPT_BYTES = 64 << 20
"""Most bytes of a workspace that are kept with a run."""


class PathError(Exception):
    """A path that the subject may not use; the text is meant for it."""


class Workspace:
    """A folder, and every rule about what may be done in it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._above = str(self.root).rstrip("/") + "/"
        self._names = (str(self.root), os.path.abspath(root))  # noqa: PTH100 - as it is named, links unresolved

    def inside(self, path: str) -> str | None:
        """The part below the root of a path that names the root in full, as compilers and panics do; else None."""
        full = "/" + os.path.normpath("/" + path).lstrip("/")
        for name in self._names:
            if full == name or full.startswith(name.rstrip("/") + "/"):
                return os.path.relpath(full, name)
        return None

    def resolve(self, path: str) -> Path:
        """The real path behind one that the subject gave. Raises PathError if it leads outside.

        `..` at the root stays at the root, and an absolute path is one from the root: both are how models
        write, not attacks. The absolute path of the workspace itself is what compilers and panics print. Any other
        must begin with a folder that is there, or else a slip would create a copy of a path of this machine. Links
        are followed before the check, for code under test can plant them.
        """
        inside = self._below(path)
        if self.inside(path) is None:
            first, _, rest = inside.partition("/")
            if path.startswith("/") and rest and not self._has_folder(first):
                raise PathError(f"{path} leads outside the workspace; paths are relative to its root")
        try:
            real = (self.root / inside).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL, half a character
            raise PathError(f"{path!r} is not a path that can be used: {error}") from error
        below = str(real).removeprefix(self._above) if real != self.root else "."
        if below == str(real):
            raise PathError(f"{path} leads outside the workspace")
        if program := reader(inside) or reader(below):
            raise PathError(f"{path} cannot be used: it belongs to {program}, and is no part of the work")
        return real

    def unfollowed(self, path: str) -> Path:
        """The place that a path names, with no link followed; it may lead outside, which `resolve` refuses."""
        return self.root / self._below(path)

    def _below(self, path: str) -> str:
        """The part of a path below the root, in whichever way it is written."""
        inside = self.inside(path)
        return os.path.normpath("/" + path).lstrip("/") if inside is None else inside

    def _has_folder(self, name: str) -> bool:
        try:
            return (self.root / name).is_dir()
        except (OSError, ValueError):  # a NUL, half a character
            return False

    def relative(self, real: Path) -> str:
        """A resolved path as the subject would write it, `.` for the root."""
        return real.relative_to(self.root).as_posix()

    def files(self) -> Iterator[tuple[str, Path]]:
        """Every regular file with its path relative to the root, in order; links are not followed.

        Left out is what programs of the user run by themselves, such as `.git`: it is no part of the work.
        """
        return ((entry.name, entry.path) for entry in walk(self.root, skipped) if entry.is_file)

    def fingerprint(self) -> str:
        """SHA-256 over path and bytes of every file that `files` names but the subject's notes."""
        total, hashing = hashlib.sha256(), Hashing()
        for entry in walk(self.root, skipped):
            if entry.is_file and entry.base != SCRATCH:
                name = os.fsencode(entry.name)
                total.update(f"{len(name)}:".encode() + name + hashing.digest(entry))
        return total.hexdigest()

    def state(self) -> str:
        """SHA-256 over all that there is, where the fingerprint covers what counts as progress: notes, links and
        modes too."""
        total, hashing = hashlib.sha256(), Hashing()
        for entry in walk(self.root, skipped):
            status = entry.status
            total.update(os.fsencode(entry.name) + f"\0{status.st_mode}\0".encode())
            if entry.is_file:
                large = status.st_mtime_ns if status.st_size > LARGE else 0
                total.update(hashing.digest(entry) + f"\0{large}".encode())
            elif stat.S_ISLNK(status.st_mode):
                with suppress(OSError):
                    total.update(os.fsencode(os.readlink(entry.place)) + b"\0")  # noqa: PTH115 - as it is written
        return total.hexdigest()

    def wipe_scratch(self) -> None:
        """Delete the subject's notes, at any depth."""
        notes = [entry.path for entry in walk(self.root, skipped) if entry.base == SCRATCH and not entry.is_folder]
        for path in notes:
            remove(path)

    def reseed(self, seed: Path) -> None:
        """Make the folder exactly what the seed is, at the same path: build caches key on it.

        Whatever an earlier run left there goes; what no means removes is moved aside.
        """
        clear(self.root)
        shutil.copytree(seed, self.root, symlinks=True, copy_function=copy_as_new)

    def keep(self, target: Path, kept: Skip | None = None) -> bool:
        """Copy the regular files to `target`, or those that `kept` returns True for.

        False if they could not be kept whole: too many bytes, or one that cannot be read or named there.
        """
        left, whole, made = KEPT_BYTES, True, set[str]()
        for entry in walk(self.root, skipped if kept is None else lambda *place: not kept(*place)):
            if not entry.is_file:
                continue
            left -= entry.status.st_size
            if left < 0:
                return False
            folder = entry.name.rpartition("/")[0]
            try:
                if folder not in made:
                    (target / folder).mkdir(parents=True, exist_ok=True)
                    made.add(folder)
                shutil.copyfile(entry.place, f"{target}/{entry.name}")
            except OSError:
                whole = False
        return whole
