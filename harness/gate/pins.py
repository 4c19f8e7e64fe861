"""Pinned files: protected files that are saved at the start of a run and restored before every verification."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.file_rules import FileRules
from harness.trees import remove, walk


@dataclass(frozen=True)
class PinnedFile:
    """Content and permission bits of a pinned file."""

    content: bytes
    mode: int


class Pins:
    """The protected files of a workspace at the start of the run, by path relative to its root."""

    def __init__(
        self,
        files: dict[str, PinnedFile],
        rules: FileRules | None = None,
        *,
        whole: bool = False,
        trusted: Mapping[str, str] | None = None,
        links: Mapping[str, str] | None = None,
    ) -> None:
        self.files = files
        self._rules = rules
        self.trusted = trusted or {}
        """SHA-256 of the other code at the start, by path. It is the user's own and trusted while unchanged."""
        self.links = links or {}
        """Targets of the links at the start, by path, if they stay within the folder."""
        self.whole = whole
        """True if every file is pinned, so that the harness may remove foreign files."""

    @classmethod
    def take(cls, root: Path, rules: FileRules, *, everything: bool = False, writable: Collection[str] = ()) -> "Pins":
        """Pin the files under `root` that the rules protect, or every regular file (for a seed) but the `writable`."""
        pinned: dict[str, PinnedFile] = {}
        trusted: dict[str, str] = {}
        links: dict[str, str] = {}
        for entry in walk(root):
            if entry.path.is_symlink() and (inside := _inside(root, entry.path)):
                links[entry.name] = inside
            if not entry.is_file:
                continue
            if (everything and entry.name not in writable) or rules.is_pinned(PurePosixPath(entry.name)):
                pinned[entry.name] = PinnedFile(entry.path.read_bytes(), stat.S_IMODE(entry.status.st_mode))
            elif rules.is_compiled(PurePosixPath(entry.name)):
                trusted[entry.name] = hashlib.sha256(entry.path.read_bytes()).hexdigest()
        return cls(pinned, rules, whole=everything, trusted=trusted, links=links)

    def has(self, root: Path, path: str) -> bool:
        """Return True if the file is pinned, or is code or a link that has not changed since the start."""
        if path in self.files:
            return True
        target = root / path
        code = self._rules is None or self._rules.is_code(PurePosixPath(path))
        if path in self.links and not code:
            return target.is_symlink() and _inside(root, target) == self.links[path]
        if path not in self.trusted or not stat.S_ISREG(target.lstat().st_mode):
            return False
        return hashlib.sha256(target.read_bytes()).hexdigest() == self.trusted[path]

    def link(self, copy: Path) -> None:
        """Make the links of the start in a copy of the folder, unless their path is in use."""
        for path, target in self.links.items():
            place = copy / path
            if not place.is_symlink() and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(target)

    def restore(self, root: Path) -> tuple[str, ...]:
        """Restore files that were changed, removed or replaced; return their paths."""
        changed = [path for path, file in self.files.items() if not _is_intact(root, path, file)]
        for path in changed:
            _put_back(root, path, self.files[path])
        return tuple(changed)


def _inside(root: Path, link: Path) -> str:
    """Return the relative target of a link that leads to something within the folder; empty if it does not."""
    try:
        real = link.resolve(strict=True)
        within = real.relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return ""
    return os.path.relpath(root.resolve() / within, link.parent.resolve())


def _is_intact(root: Path, path: str, file: PinnedFile) -> bool:
    """Return True if the file is unchanged: no link on the way, no second name, the same bytes and mode."""
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
    """Write the file again. It replaces anything at its path and is never written through a link."""
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
    """Return the folders between the root and the file, outermost first."""
    return [root / folder for folder in reversed(Path(path).parents) if folder != Path()]
