"""The copy that is looked at: regular files, no tests, no links, and not more than can be read in reasonable time."""

import os
import re
import shutil
import stat
from pathlib import Path

from harness.toolchains.go.files import is_test_file
from harness.workspace import KEPT_BYTES

MOST_FILES = 5_000
MOST_BYTES = KEPT_BYTES
NOT_COPIED = frozenset((".git", ".hg", ".svn"))


class CopyError(Exception):
    """A folder that cannot be looked at whole; the text says why, in one line."""


def copy_sources(folder: Path, target: Path) -> list[str]:
    """Copy all but the tests, and return the paths of the Go files; raises UncopiedError where something would be
    left out unseen."""
    sources: list[str] = []
    files, left = 0, MOST_BYTES
    for inner, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - NOT_COPIED)
        for name in sorted((*folders, *names)):
            source = Path(inner, name)
            path = source.relative_to(folder).as_posix()
            if not _is_file(source, path):
                continue
            files, left = files + 1, left - source.lstat().st_size
            if files > MOST_FILES or left < 0:
                raise CopyError(f"more than {MOST_FILES:,} files or {MOST_BYTES >> 20} MiB")
            _copy(source, target / path)
            sources += [path] if name.endswith(".go") else []
    if not sources:
        raise CopyError("no Go file that is not a test")
    return sources


def language(folder: Path) -> str | None:
    """The language version that go.mod asks for; None if it says nothing.

    It decides which modernizers apply, so counts under different ones do not compare.
    """
    try:
        text = (folder / "go.mod").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    line = re.search(r"^[ \t]*go[ \t]+([\w.]+)", text, re.MULTILINE)
    return line[1] if line else None


def _is_file(source: Path, path: str) -> bool:
    """Return True for a regular file that is no test. Raises CopyError for code that would be missed."""
    mode = source.lstat().st_mode
    if is_test_file(source) or stat.S_ISDIR(mode):
        return False
    if not path.isprintable():
        raise CopyError(f"{path!a}: a path with characters that cannot be printed")
    if stat.S_ISLNK(mode) and (path.endswith(".go") or source.is_dir()):
        raise CopyError(f"{path} is a link, and links are not followed")
    return stat.S_ISREG(mode)


def _copy(source: Path, copy: Path) -> None:
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, copy)
    except OSError as error:
        raise CopyError(f"{source.name} cannot be read: {error.strerror}") from error
