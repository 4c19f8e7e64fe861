"""docs/tools.md, generated from the definitions that are sent to the model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from harness.gate.verdict import Verifier
from harness.sandbox.base import Sandbox
from harness.toolchains.go.files import GO_FILES
from harness.toolchains.go.tool import FLAGS, MOD_VERBS, SUBCOMMANDS, go_tool
from harness.tools.done import done_tool
from harness.tools.elision import FirstNotice
from harness.tools.files import file_tools
from harness.tools.registry import Tool, ToolKind
from harness.workspace import Workspace

HEAD = """\
# Tools of the subject

The model acts through these tools alone; there is no shell. Descriptions and parameters are those that it is sent.
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
    """The tools as a Go task has them. Only their definitions are read: nothing is run."""
    workspace = Workspace(Path.cwd())
    go = go_tool(workspace, cast("Sandbox", None), Path("go"), timeout=0)
    return [*file_tools(workspace, FirstNotice(), GO_FILES, protect_tests=True), go, done_tool(cast("Verifier", None))]


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _type(schema: dict[str, Any]) -> str:
    return {"array": "list of texts"}.get(schema["type"], "text")
