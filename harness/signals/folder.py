"""Signals of one folder of Go code, measured on a copy of it.

The copy holds regular files, no tests and no links, and no more than can be read in reasonable time.
"""

import dataclasses
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Any

from harness.sandbox.base import SandboxError
from harness.sandbox.select import open_sandbox, settle
from harness.signals.tools import PARSED, SIZES, FindingCount, SignalTools, one_line, prepare_analyzers
from harness.toolchains.go.files import is_test_file
from harness.toolchains.go.installation import GoInstallation, find_go
from harness.workspace import KEPT_BYTES

SCHEMA = 1
TOOL_TIMEOUT = 120.0
"""Default time limit of each tool, in seconds."""

MOST_FILES = 5_000
MOST_BYTES = KEPT_BYTES
NOT_COPIED = frozenset((".git", ".hg", ".svn"))


class CopyError(Exception):
    """A folder that cannot be measured whole; the text says why, in one line."""


def copy_sources(folder: Path, target: Path) -> list[str]:
    """Copy all files but tests, and return the paths of the Go files. Raises CopyError if code would be left out."""
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
    """Return the language version in go.mod; None if it names none.

    It decides which modernizers apply, so counts under different versions are not comparable.
    """
    try:
        text = (folder / "go.mod").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    line = re.search(r"^[ \t]*go[ \t]+([\w.]+)", text, re.MULTILINE)
    return line[1] if line else None


def _is_file(source: Path, path: str) -> bool:
    """Return True for a regular file that is no test. Raises CopyError for code that cannot be copied."""
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


def signals(folder: Path, kind: str = "auto", timeout: float = TOOL_TIMEOUT) -> dict[str, Any]:
    """Return the signals of a folder as plain data. The folder is only read, and nothing in it is run.

    `gofmt`, `vet` and `modernize` are each `{count, at_least, by, unknown}`, `size` is a mapping of sizes with
    `unknown`; `go_version` is that of the tools, `language` that of the code. Raises SandboxError, in one line, if
    the sandbox of this `kind` does not work here.
    """
    settled = settle(kind)
    try:
        toolchain = find_go()
    except SandboxError as error:
        return _unknown(str(error), sandbox=settled)
    base = {"go_version": toolchain.version, "sandbox": settled, "language": language(folder)}
    with tempfile.TemporaryDirectory(prefix="harness-signals-") as room:
        return _measured_copy(Path(room).resolve(), folder, toolchain, timeout, base)


def _measured_copy(
    room: Path, folder: Path, toolchain: GoInstallation, timeout: float, base: dict[str, Any]
) -> dict[str, Any]:
    readable = room / "readable"
    copy = readable / "copy"
    copy.mkdir(parents=True)
    try:
        sources = copy_sources(folder, copy)
    except CopyError as error:
        return _unknown(str(error), **base)
    prepare_analyzers(toolchain)
    tools = SignalTools(
        open_sandbox(base["sandbox"], toolchain, room / "scratch", readable), toolchain, copy, sources, timeout
    )
    counts = {"gofmt": tools.gofmt(), "vet": tools.vet(), "modernize": tools.modernize()}
    findings = {name: dataclasses.asdict(count) for name, count in counts.items()}
    return {"schema": SCHEMA} | base | findings | {"size": tools.size()}


def _unknown(why: str, **base: Any) -> dict[str, Any]:
    """Return signals that are all unknown for one reason."""
    blank = {"schema": SCHEMA, "go_version": None, "language": None} | base
    counts = {name: dataclasses.asdict(FindingCount.none(why)) for name in ("gofmt", "vet", "modernize")}
    return blank | counts | {"size": dict.fromkeys((*SIZES, *PARSED)) | {"unknown": one_line(why)}}
