"""The folder that the subject works in: confined paths, a fingerprint, and the files that are the spec."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePath

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

    def resolve(self, path: str) -> Path:
        """The real path behind one that the subject gave. Raises PathError if it leads outside.

        `..` at the root stays at the root, and an absolute path is one from the root: both are how models
        write, not attacks. Links are followed before the check, for code under test can plant them.
        """
        inside = os.path.normpath("/" + path).lstrip("/")
        try:
            real = (self.root / inside).resolve()
        except (OSError, RuntimeError, ValueError) as error:  # a loop of links, a NUL, half a character
            raise PathError(f"{path!r} is not a path that can be used: {error}") from error
        if real != self.root and self.root not in real.parents:
            raise PathError(f"{path} leads outside the workspace")
        return real

    def relative(self, real: Path) -> str:
        """A resolved path as the subject would write it, `.` for the root."""
        return real.relative_to(self.root).as_posix()

    def files(self) -> Iterator[tuple[str, Path]]:
        """Every regular file with its path relative to the root, in order; links are not followed."""
        for folder, names, files in os.walk(self.root):
            names.sort()
            for name in sorted(files):
                path = Path(folder, name)
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path.relative_to(self.root).as_posix(), path

    def fingerprint(self) -> str:
        """SHA-256 over path and bytes of every regular file but the subject's notes."""
        total = hashlib.sha256()
        for name, path in self.files():
            if path.name != SCRATCH:
                content = _content(path)
                total.update(f"{len(name.encode())}:{name}".encode() + content)
        return total.hexdigest()

    def state(self) -> str:
        """SHA-256 over all that there is, where the fingerprint covers what counts as progress: notes, links and
        modes too."""
        total = hashlib.sha256()
        for folder, names, files in os.walk(self.root):
            names.sort()
            for name in sorted((*names, *files)):
                path = Path(folder, name)
                mode = path.lstat().st_mode
                content = _content(path) if stat.S_ISREG(mode) else b""
                target = os.readlink(path) if stat.S_ISLNK(mode) else ""  # noqa: PTH115 - as it is written
                total.update(f"{path.relative_to(self.root)}\0{mode}\0{target}\0".encode(errors="replace") + content)
        return total.hexdigest()

    def wipe_scratch(self) -> None:
        """Delete the subject's notes, at any depth."""
        for folder, _, files in os.walk(self.root):
            if SCRATCH in files:
                Path(folder, SCRATCH).unlink()

    def reseed(self, seed: Path) -> None:
        """Make the folder exactly what the seed is, at the same path: Go's build cache keys on it."""
        self.root.mkdir(parents=True, exist_ok=True)
        for entry in self.root.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                remove_tree(entry)
            else:
                entry.unlink()
        shutil.copytree(seed, self.root, dirs_exist_ok=True, symlinks=True)

    def keep(self, target: Path) -> bool:
        """Copy the regular files to `target`; False if they are too many to be kept whole."""
        left = KEPT_BYTES
        for name, path in self.files():
            left -= path.stat().st_size
            if left < 0:
                return False
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            with suppress(PermissionError):
                shutil.copyfile(path, copy)
        return True


def is_test_file(path: PurePath) -> bool:
    """Whether a resolved path names a Go test file, on file systems that ignore case too."""
    return path.name.lower().endswith("_test.go")


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except PermissionError:  # code under test can take the right to read away; the file is there all the same
        return b"unreadable"


def remove_tree(folder: Path) -> None:
    """Remove a folder even where code under test took the rights to its inner folders away."""
    folder.chmod(0o700)
    for inner, names, _ in os.walk(folder):
        for path in (Path(inner, name) for name in names):
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder)
