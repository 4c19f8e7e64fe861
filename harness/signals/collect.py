"""All signals of one folder."""

import dataclasses
import tempfile
from pathlib import Path
from typing import Any

from harness.sandbox.base import SandboxError
from harness.sandbox.select import open_sandbox, settle
from harness.signals import facts
from harness.signals.copy import CopyError, copy_sources, language
from harness.signals.count import FindingCount, one_line
from harness.signals.tools import PARSED, SIZES, SignalTools
from harness.toolchains.go.installation import GoInstallation, find_go

SCHEMA = 1
PATIENCE = 120.0
"""Seconds for each tool, unless others are asked for."""


def signals(folder: Path, kind: str = "auto", timeout: float = PATIENCE) -> dict[str, Any]:
    """The signals of a folder as plain data; it is read and never written, and nothing in it is run.

    `gofmt`, `vet` and `modernize` are each `{count, at_least, by, unknown}`, `size` is a mapping of sizes with
    `unknown`; `go_version` is that of the tools, `language` that of the code. Raises SandboxError, in one line, if
    the sandbox asked for does not work here.
    """
    settled = settle(kind)
    try:
        toolchain = find_go()
    except SandboxError as error:
        return _nothing(str(error), sandbox=settled)
    told = {"go_version": toolchain.version, "sandbox": settled, "language": language(folder)}
    with tempfile.TemporaryDirectory(prefix="harness-signals-") as room:
        return _within(Path(room).resolve(), folder, toolchain, timeout, told)


def _within(
    room: Path, folder: Path, toolchain: GoInstallation, timeout: float, told: dict[str, Any]
) -> dict[str, Any]:
    seen = room / "seen"
    copy = seen / "copy"
    copy.mkdir(parents=True)
    try:
        sources = copy_sources(folder, copy)
    except CopyError as error:
        return _nothing(str(error), **told)
    facts.prepare(toolchain)
    tools = SignalTools(
        open_sandbox(told["sandbox"], toolchain, room / "scratch", seen), toolchain, copy, sources, timeout
    )
    counts = {"gofmt": tools.gofmt(), "vet": tools.vet(), "modernize": tools.modernize()}
    found = {name: dataclasses.asdict(count) for name, count in counts.items()}
    return {"schema": SCHEMA} | told | found | {"size": tools.size()}


def _nothing(why: str, **told: Any) -> dict[str, Any]:
    """All of it unknown, for one reason."""
    blank = {"schema": SCHEMA, "go_version": None, "language": None} | told
    counts = {name: dataclasses.asdict(FindingCount.none(why)) for name in ("gofmt", "vet", "modernize")}
    return blank | counts | {"size": dict.fromkeys((*SIZES, *PARSED)) | {"unknown": one_line(why)}}
