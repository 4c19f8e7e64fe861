"""Files that no run may change: kept aside at its start, put back before every verification."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.trees import remove, walk
from harness.workspace import is_test_file

MODULE_FILES = ("go.mod", "go.sum", "go.work", "go.work.sum")
VENDORED = "vendor"
OBJECT_FILES = (".s", ".S", ".sx", ".syso")
"""Assembly and object code, as Go takes it into a build."""


def is_pinned(path: PurePosixPath) -> bool:
    """Whether a file is protected by where it lies: specs, what makes the module, and what is vendored."""
    return is_test_file(path) or path.name.lower() in MODULE_FILES or path.parts[0] == VENDORED


@dataclass(frozen=True)
class PinnedFile:
    content: bytes
    mode: int


class Pins:
    """The protected files of a workspace as they were at the run's start, by path relative to its root."""

    def __init__(
        self,
        files: dict[str, PinnedFile],
        *,
        whole: bool = False,
        trusted: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:
        self.files = files
        self.trusted = trusted or {}
        """SHA-256 of the other code that was there, by path: the user's own, and as good as pinned while unchanged."""
        self.links = links or {}
        """Where the links that were there lead to, by path: those that stay within the folder."""
        self.whole = whole
        """Whether they are all that was there, so that the folder is the harness's own to keep clean."""

    @classmethod
    def take(cls, root: Path, *, everything: bool = False) -> "Pins":
        """Pin specs, module files and vendored code under `root`, or (of a seed) every regular file."""
        pinned: dict[str, PinnedFile] = {}
        trusted: dict[str, str] = {}
        links: dict[str, str] = {}
        for entry in walk(root):
            if entry.path.is_symlink() and (inside := _inside(root, entry.path)):
                links[entry.name] = inside
            if not entry.is_file:
                continue
            if everything or is_pinned(PurePosixPath(entry.name)):
                pinned[entry.name] = PinnedFile(entry.path.read_bytes(), stat.S_IMODE(entry.status.st_mode))
            elif entry.name.endswith((".go", *OBJECT_FILES)):
                trusted[entry.name] = hashlib.sha256(entry.path.read_bytes()).hexdigest()
        return cls(pinned, whole=everything, trusted=trusted, links=links)

    def has(self, root: Path, path: str) -> bool:
        """Whether the file is pinned, or is code or a link that was there at the start and has not changed since."""
        if path in self.files:
            return True
        target = root / path
        if path in self.links and not path.endswith(".go"):
            return target.is_symlink() and _inside(root, target) == self.links[path]
        if path not in self.trusted or not stat.S_ISREG(target.lstat().st_mode):
            return False
        return hashlib.sha256(target.read_bytes()).hexdigest() == self.trusted[path]

    def link(self, copy: Path) -> None:
        """Make the links that were there at the start in a copy of the folder, wherever nothing else lies there."""
        for path, target in self.links.items():
            place = copy / path
            if not place.is_symlink() and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(target)

    def restore(self, root: Path) -> tuple[str, ...]:
        """Put back what was changed, removed or replaced by something else; returns the paths put back."""
        changed = [path for path, file in self.files.items() if not _is_intact(root, path, file)]
        for path in changed:
            _put_back(root, path, self.files[path])
        return tuple(changed)


def _inside(root: Path, link: Path) -> str:
    """The relative target of a link that leads to something within the folder; empty if it does not."""
    try:
        real = link.resolve(strict=True)
        within = real.relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return ""
    return os.path.relpath(root.resolve() / within, link.parent.resolve())


def _is_intact(root: Path, path: str, file: PinnedFile) -> bool:
    """Whether the very file lies there: no link on the way, no second name, the same bytes and mode."""
    target = root / path
    try:
        if any(folder.is_symlink() for folder in _folders(root, path)):
            return False
        status = target.lstat()
        plain = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
        return plain and stat.S_IMODE(status.st_mode) == file.mode and target.read_bytes() == file.content
    except OSError:
        return False


def _put_back(root: Path, path: str, file: PinnedFile) -> None:
    """Write the file anew, replacing whatever stands in its way, and never through a link."""
    target = root / path
    for folder in _folders(root, path):
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            folder.unlink()
        folder.mkdir(exist_ok=True)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            folder.chmod(0o700)
    if target.is_dir() and not target.is_symlink():
        remove(target)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".pin-")
    with os.fdopen(descriptor, "wb") as copy:
        copy.write(file.content)
        os.fchmod(descriptor, file.mode)
    Path(temporary).replace(target)


def _folders(root: Path, path: str) -> list[Path]:
    """The folders between the root and the file, outermost first."""
    return [root / folder for folder in reversed(Path(path).parents) if folder != Path()]
