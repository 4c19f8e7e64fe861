"""The code of a candidate as the judge gets to see it: source files that are no tests, in a stable order, bounded."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.config import ConfigError, digest
from harness.tasks.catalogue import EXAMPLES
from harness.tasks.entry import read_entries
from harness.toolchains.go.files import is_test_file
from harness.workspace import Workspace

SUFFIXES = (
    *(".go", ".mod", ".work", ".s", ".c", ".h", ".proto", ".sql", ".sh"),
    *(".html", ".htm", ".gohtml", ".tmpl", ".gotmpl", ".css", ".js", ".mjs", ".ts", ".svg", ".xml"),
)
"""Suffixes of source files. Notes, data and binaries are left out: a PROGRESS.md shows how a run went."""

NOT_SHOWN = ("testdata",)
"""Folders that belong to tests."""


@dataclass(frozen=True)
class SourceFile:
    """One file: its path from the root of the candidate, and its text."""

    path: str
    text: str


@dataclass(frozen=True)
class Sources:
    """All source files of a candidate that the task did not give it, by path."""

    files: tuple[SourceFile, ...]
    sha256: str
    """Hash of paths and bytes."""

    @property
    def size(self) -> int:
        """Characters of all files together."""
        return sum(len(file.text) for file in self.files)


@dataclass(frozen=True)
class Excerpt:
    """The shown part of a file."""

    path: str
    text: str
    lines: int
    """Lines that the file has; `text` may hold fewer."""

    @property
    def shown(self) -> int:
        return len(self.text.splitlines())


def read_sources(folder: Path, seed_hashes: Mapping[str, str]) -> Sources:
    """The source files of a folder. `seed_hashes` holds the SHA-256 of the files of the task's seed by their paths: one
    that the candidate left as it was is no work of its author's. Bytes that are no UTF-8 are replaced in the text.
    """
    sources = ((_writable(path), file) for path, file in Workspace(folder).files() if _is_source(path))
    contents = {path: file.read_bytes() for path, file in sources}
    hashes = {path: hashlib.sha256(data).hexdigest() for path, data in contents.items()}
    own = [path for path in sorted(contents) if seed_hashes.get(path) != hashes[path]]
    files = tuple(SourceFile(path, contents[path].decode(errors="replace")) for path in own)
    return Sources(files, digest({path: hashes[path] for path in own}))


def given_files(task: str) -> Mapping[str, str]:
    """The files of a bundled task's seed, as SHA-256 by path; nothing for any other task."""
    try:
        entry = read_entries(EXAMPLES).get(task)
    except ConfigError:
        return {}
    return entry.files if entry is not None else {}


def clipped(sources: Sources, most: int) -> list[Excerpt]:
    """The files in order, whole lines of them, until so many characters are shown. Every file is named."""
    left, shown = most, []
    for file in sources.files:
        text = file.text if len(file.text) <= left else file.text[: file.text.rfind("\n", 0, max(left, 0)) + 1]
        # After the first cut nothing more is shown: a gap in the middle would read like missing code.
        left = left - len(text) if len(text) == len(file.text) else 0
        shown.append(Excerpt(file.path, text, len(file.text.splitlines())))
    return shown


def _writable(path: str) -> str:
    """The path as text that can be written down: its author may have named a file in any bytes."""
    return path.encode(errors="backslashreplace").decode()


def _is_source(path: str) -> bool:
    parts = PurePosixPath(path)
    hidden = any(part.startswith(".") or part.lower() in NOT_SHOWN for part in parts.parts)
    return parts.suffix.lower() in SUFFIXES and not hidden and not is_test_file(parts)
