"""The tool `search_text`: lines of files that hold a text, or match a regular expression."""

import json
import sys
import tempfile
from pathlib import Path

from harness.sandbox import process
from harness.sandbox.base import FinishedCommand, SandboxError
from harness.sandbox.process import ProcessLimits
from harness.tools.elision import NoticeSource
from harness.tools.registry import Arguments, Tool, ToolError, ToolKind
from harness.workspace import Workspace

PATIENCE = 10.0
"""Seconds allowed for one search: a regular expression can take for ever."""
MEMORY = 1 << 30
LARGEST = 4 << 20
"""Bytes of a file beyond which it is not searched."""
MOST_LINES = 200
LONGEST_LINE = 300
"""Largest number of lines that are shown, and of characters of each."""
SYNTAXES = ("text", "regex")
SEARCHER = Path(__file__).with_name("searcher.py")
"""The program that searches, in a process that can be ended."""


def search_tool(workspace: Workspace, elision: NoticeSource) -> Tool:
    """Return the tool. Of a file that elision or a lever leaves out, the notice is shown and no line."""

    def search(arguments: Arguments) -> str:
        pattern, syntax = arguments["pattern"], arguments.get("syntax") or "text"
        if not pattern:
            raise ToolError("pattern is empty")
        if syntax not in SYNTAXES:
            raise ToolError(f"syntax is {syntax}; it must be {' or '.join(SYNTAXES)}")
        names = _files_below(workspace, arguments.get("path") or ".")
        found = _found(workspace.root, names, pattern, syntax)
        return _shown(found, elision) or f"(no line matches in {len(names)} files)"

    properties = {
        "pattern": {"type": "string", "description": "The text to look for, or a regular expression; one line."},
        "path": {
            "type": "string",
            "description": "Folder or file to search, relative to the root; all if left out.",
        },
        "syntax": {"type": "string", "description": "text (the default), or regex as in Python."},
    }
    description = "Search the files of the workspace line by line. Shows path, line number and line of each match."
    return Tool("search_text", description, properties, ("pattern",), search, ToolKind.LOAD)


def _files_below(workspace: Workspace, path: str) -> list[str]:
    """Return the files of a folder, or the file itself, relative to the root."""
    place = workspace.relative(workspace.resolve(path))
    if not (workspace.root / place).exists():
        raise ToolError(f"there is no file or folder {path}")
    prefix = "" if place == "." else f"{place}/"
    return [name for name, _ in workspace.files() if name == place or name.startswith(prefix)]


def _found(root: Path, names: list[str], pattern: str, syntax: str) -> list[tuple[str, int, str]]:
    """Return the matches as path, line number and line; one more than is shown, if there are more."""
    request = {"root": str(root), "names": names, "pattern": pattern, "regex": syntax == "regex"}
    limits = {"largest": LARGEST, "lines": MOST_LINES + 1, "longest": LONGEST_LINE}
    with tempfile.TemporaryDirectory(prefix="harness-search-") as folder:
        file, answer = Path(folder) / "request.json", Path(folder) / "answer.json"
        file.write_text(json.dumps(request | limits), encoding="ascii")
        try:
            finished = _searched(file, answer)
        except SandboxError as error:
            raise ToolError(f"the search could not be started: {error}") from error
        if finished.timed_out:
            raise ToolError(f"the search took longer than {PATIENCE:g} seconds: give a simpler pattern, or a path")
        if not answer.exists():
            complaint = finished.output.strip() or "cannot be searched for"
            raise ToolError(f"pattern {complaint.splitlines()[0]}")
        return [(path, number, line) for path, number, line in json.loads(answer.read_text(encoding="ascii"))]


def _searched(request: Path, answer: Path) -> FinishedCommand:
    return process.run(
        [sys.executable, "-I", "-S", str(SEARCHER), str(request), str(answer)],
        cwd=request.parent,
        env={},
        timeout=PATIENCE,
        limits=ProcessLimits(memory=MEMORY),
    )


def _shown(found: list[tuple[str, int, str]], elision: NoticeSource) -> str:
    """Return the matches, a line each. A notice takes the place of all lines of its file."""
    notices: dict[str, str | None] = {}
    lines: list[str] = []
    for path, number, line in found[:MOST_LINES]:
        if path not in notices:
            notices[path] = elision.notice(path)
            lines += [notice] if (notice := notices[path]) is not None else []
        if notices[path] is None:
            lines.append(f"{path}:{number}: {line}")
    if len(found) > MOST_LINES:
        lines.append(f"[... more than {MOST_LINES} lines match: narrow the pattern or the path ...]")
    return "\n".join(lines).encode(errors="replace").decode()
