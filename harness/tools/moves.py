"""The tools `delete_file` and `move_file`. Both are acts, and neither touches a spec."""

from pathlib import Path, PurePath

from harness.file_rules import FileRules
from harness.tools.registry import Arguments, Tool, ToolError, ToolKind
from harness.workspace import Workspace

FROM = {"type": "string", "description": "Path of the file, relative to the root of the workspace."}
TO = {"type": "string", "description": "Its new path, at which there is nothing yet; folders are made as needed."}


def move_tools(workspace: Workspace, rules: FileRules, *, protect_tests: bool) -> tuple[Tool, ...]:
    """Return the two tools, in the order in which they are offered."""

    def delete(arguments: Arguments) -> str:
        _existing(arguments["path"]).unlink()
        return f"deleted {arguments['path']}"

    def move(arguments: Arguments) -> str:
        source, target = _existing(arguments["path"]), _free(arguments["new_path"])
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)
        return f"moved {arguments['path']} to {arguments['new_path']}"

    def _existing(name: str) -> Path:
        path = _own(name)
        if not path.exists():
            raise ToolError(f"there is no file {name}")
        if not path.is_file():
            raise ToolError(f"{name} is not a file")
        return path

    def _free(name: str) -> Path:
        path = _own(name)
        if path.exists():
            raise ToolError(f"there is something at {name} already")
        return path

    def _own(name: str) -> Path:
        """Return the path, which may lead through no link and name no spec."""
        real = workspace.resolve(name)
        if real != workspace.unfollowed(name):
            raise ToolError(f"{name} leads through a link: name the file itself")
        if protect_tests and rules.is_spec(PurePath(workspace.relative(real))):
            raise ToolError(f"{real.name} is part of the spec and stays where it is: change the code, not its tests")
        return real

    guard = f" {rules.specs} are the spec and stay." if protect_tests else ""
    return (
        Tool("delete_file", "Delete a file." + guard, {"path": FROM}, ("path",), delete, ToolKind.ACT),
        Tool(
            "move_file",
            "Move or rename a file." + guard,
            {"path": FROM, "new_path": TO},
            ("path", "new_path"),
            move,
            ToolKind.ACT,
        ),
    )
