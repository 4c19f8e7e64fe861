"""A folder of the user's own as a task: what belongs to it, its hash, and the copy that a run works on."""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

from harness.config import ConfigError
from harness.trees import TreeEntry, readable, walk

MOST_FILES = 100_000
"""Largest number of files and links of a folder that is copied for each run."""
MOST_BYTES = 2 << 30
"""Largest size of these in bytes."""

DEPENDENCIES = ("node_modules",)
"""Folders of installed packages: copied into each run, but no part of the content, which has the lock file."""

CACHES = (
    ".git",
    ".hg",
    ".svn",
    ".jj",
    ".bzr",
    ".idea",
    ".vscode",
    "__pycache__",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".tox",
    ".nox",
    ".venv",
    ".eggs",
    ".gradle",
    ".next",
    ".nuxt",
    ".turbo",
    ".parcel-cache",
    ".terraform",
    ".ipynb_checkpoints",
    ".nyc_output",
    ".cache",
    ".gocache",
)
"""Folders that programs make anew: version control, editors, caches and environments."""

BUILT = {"target": ("Cargo.toml", "pom.xml", "build.sbt")}
"""Folders that a build makes, by the files of which one lies beside them."""

MARKS = ("CACHEDIR.TAG", "pyvenv.cfg")
"""Files that mark the folder around them as a cache or as an environment of Python, whatever its name."""

REGULAR, EXECUTABLE, LINK = 0o100644, 0o100755, 0o120000
"""The modes that a content knows, as git has them."""


@dataclass(frozen=True)
class ContentFile:
    """One file or link of a folder's content."""

    path: Path
    mode: int
    """REGULAR, EXECUTABLE or LINK."""
    sha256: str
    """SHA-256 of its bytes, or of the target of a link."""
    size: int
    """Bytes."""

    def read(self) -> bytes:
        """Return its bytes, or the target of a link."""
        return os.fsencode(os.readlink(self.path)) if self.mode == LINK else self.path.read_bytes()  # noqa: PTH115


@dataclass(frozen=True)
class FolderContent:
    """The content of a folder at one moment."""

    root: Path
    files: Mapping[str, ContentFile]
    """By path below the root, in order."""
    dependencies: tuple[str, ...] = ()
    """Folders of installed packages, by path."""
    left_out: tuple[str, ...] = ()
    """Links that lead out of the folder, by path."""

    @cached_property
    def folders(self) -> frozenset[str]:
        """The folders that files lie in, by path."""
        return frozenset(parent.as_posix() for name in self.files for parent in PurePosixPath(name).parents)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 over the path, the mode and the hash of each file."""
        total = hashlib.sha256()
        for name, file in self.files.items():
            total.update(os.fsencode(name) + f"\0{file.mode:o}\0{file.sha256}\0".encode())
        return total.hexdigest()


def content_of(root: Path, logs: Path | None = None) -> FolderContent:
    """Read a folder: every file and link, but caches, the log folder and what leads out of it.

    Raises ConfigError, in one line, for a folder that is too large, or holds something that cannot be read.
    """
    root, logs = root.resolve(), logs.resolve() if logs else None
    files: dict[str, ContentFile] = {}
    dependencies: list[str] = []
    left_out: list[str] = []
    size = _Size(root)

    def skip(inner: str, name: str, leads_on: bool) -> bool:
        path = root / inner / name
        if name in DEPENDENCIES and leads_on and not path.is_symlink():
            dependencies.append(f"{inner}/{name}" if inner else name)
        return path == logs or no_content(inner, name, leads_on) or (leads_on and made_by_programs(root / inner, name))

    for entry in walk(root, skip):
        size.add(entry.name, entry)
        if is_link(entry) and _leads_out(root, entry):
            left_out.append(entry.name)
        elif entry.is_file or is_link(entry):
            files[entry.name] = file_of(root, entry)
        else:
            require_open(root, entry)
    for name in dependencies:
        for entry in walk(root / name):
            size.add(name, entry)
    return FolderContent(root, dict(sorted(files.items())), tuple(sorted(dependencies)), tuple(left_out))


def no_content(inner: str, name: str, leads_on: bool) -> bool:
    """Return whether an entry is no content by its name: `walk` passes over it."""
    del inner
    return name in CACHES or name == ".DS_Store" or (leads_on and name in DEPENDENCIES)


def made_by_programs(folder: Path, name: str) -> bool:
    """Return whether a folder in a folder is made by a build, or marked as a cache or an environment."""
    if (folder / name).is_symlink():
        return False
    built = any((folder / beside).is_file() for beside in BUILT.get(name, ()))
    return built or any((folder / name / mark).is_file() for mark in MARKS)


def is_link(entry: TreeEntry) -> bool:
    return stat.S_ISLNK(entry.status.st_mode)


def _leads_out(root: Path, link: TreeEntry) -> bool:
    """Return whether a link names a place outside the folder, or one by its whole path, which a copy does not have."""
    target = os.readlink(link.path)  # noqa: PTH115 - as it is written
    inside = os.path.normpath(os.path.join(os.path.dirname(link.name), target))  # noqa: PTH118, PTH120 - likewise
    out = Path(target).is_absolute() or inside == ".." or inside.startswith("../")
    return out or not Path(os.path.realpath(link.path)).is_relative_to(root)


def require_open(root: Path, entry: TreeEntry) -> None:
    """Raise ConfigError for a folder whose files cannot be listed: they would be missing without a word."""
    if entry.is_folder and not os.access(entry.path, os.R_OK | os.X_OK):
        raise ConfigError(f"task.workdir={root}: {readable(entry.name)} cannot be read: Permission denied")


def file_of(root: Path, entry: TreeEntry) -> ContentFile:
    """Return the file of an entry. Raises ConfigError if it cannot be read."""
    status = entry.status
    try:
        if stat.S_ISLNK(status.st_mode):
            target = os.fsencode(os.readlink(entry.path))  # noqa: PTH115 - as it is written
            return ContentFile(entry.path, LINK, hashlib.sha256(target).hexdigest(), status.st_size)
        version = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        mode = EXECUTABLE if status.st_mode & stat.S_IXUSR else REGULAR
        return ContentFile(entry.path, mode, _digest(entry.path, *version), status.st_size)
    except OSError as error:
        raise ConfigError(f"task.workdir={root}: {readable(entry.name)} cannot be read: {error.strerror}") from error


@lru_cache(maxsize=MOST_FILES)
def _digest(path: Path, *version: int) -> str:
    """Hash a file once for each version of it: a sweep looks at a folder before every run."""
    del version
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Size:
    """Counts what would be copied. Raises ConfigError, naming the largest part, once it is too much."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._files = self._bytes = 0
        self._parts: dict[str, int] = {}

    def add(self, name: str, entry: TreeEntry) -> None:
        """Count one entry, below a name in the folder."""
        size = entry.status.st_size if entry.is_file else 0
        part = name.partition("/")[0]
        self._files, self._bytes = self._files + 1, self._bytes + size
        self._parts[part] = self._parts.get(part, 0) + size
        if self._files > MOST_FILES or self._bytes > MOST_BYTES:
            largest = max(self._parts, key=self._parts.__getitem__)
            what = f"{MOST_BYTES >> 30} GB" if self._bytes > MOST_BYTES else f"{MOST_FILES:,} files and folders"
            raise ConfigError(
                f"task.workdir={self._root}: holds more than {what} (most of it in {readable(largest)}), too much to "
                "copy for each run: give a smaller folder, or type task.in_place=true"
            )
