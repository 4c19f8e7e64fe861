"""The tools that read, write, edit and list files of the workspace."""

import heapq
import os
import stat
import tempfile
from pathlib import Path, PurePath

from harness.file_rules import FileRules
from harness.sandbox.output import Clip
from harness.tools.edits import EditError, replaced
from harness.tools.elision import NoticeSource
from harness.tools.registry import Arguments, Tool, ToolError, ToolKind
from harness.workspace import Workspace

MAX_READ = 256 << 10
"""Largest number of bytes of a file that one read returns."""

MAX_ENTRIES = 1000
MAX_LISTING = 32 << 10
"""Largest number of entries, and of bytes, that one listing shows."""

PATH = {"type": "string", "description": "Path of the file, relative to the root of the workspace."}


def file_tools(
    workspace: Workspace, elision: NoticeSource, rules: FileRules, *, protect_tests: bool
) -> tuple[Tool, ...]:
    """Return the four file tools, in the order in which they are offered."""
    files = _Files(workspace, elision, rules, protect_tests)
    guard = f" {rules.specs} are the spec and cannot be written." if protect_tests else ""
    folder = {
        "type": "string",
        "description": "Path of the folder, relative to the root; the root if left out.",
    }
    return (
        Tool("read_file", "Return the text of a file (UTF-8).", {"path": PATH}, ("path",), files.read, ToolKind.LOAD),
        Tool(
            "write_file",
            "Create a file, or replace all of it: give the complete text. Folders are made as needed." + guard,
            {"path": PATH, "content": {"type": "string", "description": "The complete text of the file."}},
            ("path", "content"),
            files.write,
            ToolKind.ACT,
        ),
        Tool(
            "edit_file",
            "Replace one passage of a file. old_string must be the exact text and occur once in the file: "
            "take in enough around it." + guard,
            {
                "path": PATH,
                "old_string": {"type": "string", "description": "The passage as it stands, exactly."},
                "new_string": {"type": "string", "description": "What to put in its place."},
            },
            ("path", "old_string", "new_string"),
            files.edit,
            ToolKind.ACT,
        ),
        Tool(
            "list_dir",
            "List a folder: folders end in /, files show their size.",
            {"path": folder},
            (),
            files.list,
            ToolKind.LOAD,
        ),
    )


class _Files:
    def __init__(self, workspace: Workspace, elision: NoticeSource, rules: FileRules, protect_tests: bool) -> None:
        self._workspace = workspace
        self._rules = rules
        self._elision = elision
        self._protect_tests = protect_tests

    def read(self, arguments: Arguments) -> str:
        path = self._existing(arguments["path"])
        notice = self._elision.notice(self._workspace.relative(path))
        if notice is not None:
            return notice
        text = Clip(MAX_READ)
        with path.open("rb") as file:
            while data := file.read(MAX_READ):
                text.feed(data)
        return text.text()

    def write(self, arguments: Arguments) -> str:
        path = self._writable(arguments["path"])
        data = arguments["content"].encode(errors="replace")
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data, 0o644)
        return f"wrote {len(data)} bytes to {arguments['path']}"

    def edit(self, arguments: Arguments) -> str:
        old, new = arguments["old_string"], arguments["new_string"]
        if not old:
            raise ToolError("old_string is empty; write_file creates a file")
        if old == new:
            raise ToolError("old_string and new_string are the same")
        path = self._writable(arguments["path"])
        self._existing(arguments["path"])
        try:
            data = replaced(path.read_bytes(), old.encode(errors="replace"), new.encode(errors="replace"))
        except EditError as error:
            raise ToolError(f"old_string {error} in {arguments['path']}{error.remedy}") from error
        _replace(path, data, stat.S_IMODE(path.stat().st_mode))
        return f"edited {arguments['path']}: 1 passage replaced"

    def list(self, arguments: Arguments) -> str:
        path = self._workspace.resolve(arguments.get("path") or ".")
        if not path.is_dir():
            raise ToolError(f"there is no folder {arguments.get('path')}")
        shown = heapq.nsmallest(MAX_ENTRIES, os.scandir(path), key=_order)
        lines: list[str] = []
        left = MAX_LISTING
        for line in map(_entry, shown):
            left -= len(line.encode(errors="replace")) + 1
            if left < 0:
                break
            lines.append(line)
        total = sum(1 for _ in os.scandir(path))
        if total > len(lines):
            lines.append(f"[... {total - len(lines)} of {total} entries left out ...]")
        return "\n".join(lines).encode(errors="replace").decode() or "(empty)"

    def _existing(self, name: str) -> Path:
        path = self._workspace.resolve(name)
        if not path.exists():
            raise ToolError(f"there is no file {name}")
        # A pipe or a device, which code under test can plant, would block or never end.
        if not path.is_file():
            raise ToolError(f"{name} is not a file")
        return path

    def _writable(self, name: str) -> Path:
        path = self._workspace.resolve(name)
        if self._protect_tests and self._rules.is_spec(PurePath(self._workspace.relative(path))):
            raise ToolError(f"{path.name} is part of the spec and cannot be written: change the code, not its tests")
        if path.is_dir():
            raise ToolError(f"{name} is a folder")
        return path


def _order(entry: os.DirEntry[str]) -> str:
    return entry.name + ("/" if entry.is_dir(follow_symlinks=False) else " ")


def _entry(entry: os.DirEntry[str]) -> str:
    if entry.is_dir(follow_symlinks=False):
        return f"{entry.name}/"
    return f"{entry.name} ({entry.stat(follow_symlinks=False).st_size} bytes)"


def _replace(path: Path, data: bytes, mode: int) -> None:
    """Replace a file in one step, so that it is whole or unchanged, and never write through a hard link."""
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=".write-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.chmod(part, mode)  # noqa: PTH101 - a name fresh from mkstemp
        os.replace(part, path)  # noqa: PTH105
    except BaseException:
        os.unlink(part)  # noqa: PTH108
        raise
