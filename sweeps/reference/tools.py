"""docs/tools.md, generated from the definitions that are sent to the model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from harness.gate.verdict import Verifier
from harness.sandbox.base import Sandbox
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.tool import FLAGS, MOD_VERBS, SUBCOMMANDS, go_tool
from harness.toolchains.python.commands import ALLOWED
from harness.toolchains.run_tool import run_tool
from harness.tools.done import done_tool
from harness.tools.elision import FirstNotice
from harness.tools.files import file_tools
from harness.tools.moves import move_tools
from harness.tools.registry import Tool, ToolKind
from harness.tools.search import search_tool
from harness.workspace import Workspace

HEAD = """\
# Tools of the subject

The model acts through these tools alone; there is no shell. Descriptions and parameters are those that it is sent. Go
tasks have the first six. Tasks in other languages have `run` in place of `go`: below as Python tasks have it; where any
command decides, it runs that command and those of `toolchain.commands`, word for word. `toolset=full` adds
`search_text`, `delete_file` and `move_file` in every language.
"""

COUNTED = {ToolKind.LOAD: "reads (a load)", ToolKind.ACT: "changes files (an act)"}


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for tool in _tools():
        parts += [
            f"## {tool.name}",
            "",
            tool.description,
            "",
            f"Counts as: {COUNTED.get(tool.kind, 'neither load nor act')}.",
            "",
        ]
        parts += ["| parameter | type | required | meaning |", "|---|---|---|---|"]
        parts += [
            f"| `{name}` | {_type(schema)} | {'yes' if name in tool.required else 'no'} | {schema['description']} |"
            for name, schema in tool.properties.items()
        ]
        parts.append("")
    parts += [
        "## What `go` allows",
        "",
        f"Subcommands: {_quoted(SUBCOMMANDS)}. Flags: {_quoted(FLAGS)}, also as `flag=value`. "
        f"`mod` takes {_quoted(MOD_VERBS)} and no flags. `-race` is answered with an error, since it needs cgo.",
    ]
    return "\n".join(parts) + "\n"


def _tools() -> list[Tool]:
    """The tools as a Go task has them, then what other tasks and the full toolset have. Only their definitions are
    read: nothing is run."""
    workspace, sandbox, notices = Workspace(Path.cwd()), cast("Sandbox", None), FirstNotice()
    return [
        *file_tools(workspace, notices, GO_FILES, protect_tests=True),
        go_tool(workspace, sandbox, Path("go"), timeout=0),
        done_tool(cast("Verifier", None)),
        run_tool(workspace, sandbox, 0, list, allowed=ALLOWED, example=("pytest", "-q")),
        search_tool(workspace, notices),
        *move_tools(workspace, GO_FILES, protect_tests=True),
    ]


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _type(schema: dict[str, Any]) -> str:
    return {"array": "list of texts"}.get(schema["type"], "text")
