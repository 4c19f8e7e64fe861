"""The tool `run`: programs of a toolchain by an allowlist, and the only way for the subject to run one."""

from collections.abc import Callable, Sequence

from harness.sandbox.base import Sandbox, SandboxError
from harness.tools.registry import Arguments, Tool, ToolError, ToolKind
from harness.workspace import Workspace

Allow = Callable[[list[str]], list[str]]
"""From the arguments of a call to the command that is run. Raises ToolError for what is not allowed."""


def run_tool(
    workspace: Workspace, sandbox: Sandbox, timeout: float, allow: Allow, *, allowed: str, example: Sequence[str]
) -> Tool:
    """Return the tool for a workspace. Each command may take `timeout` seconds.

    `allowed` says in words what may be run, and `example` is one command.
    """

    def run(arguments: Arguments) -> str:
        args: list[str] = arguments["args"]
        if not args:
            raise ToolError(f"args is empty; give a program with its arguments: {allowed}")
        command = allow(relative(args, workspace))
        return carried_out(sandbox, command, workspace, timeout, shown=" ".join(args))

    quoted = ", ".join(f'"{word}"' for word in example)
    listed = {
        "type": "array",
        "items": {"type": "string"},
        "description": f"The program and its arguments, such as [{quoted}].",
    }
    description = f"Run a program in the workspace. Allowed: {allowed}."
    return Tool("run", description, {"args": listed}, ("args",), run, ToolKind.COMMAND)


def carried_out(sandbox: Sandbox, command: Sequence[str], workspace: Workspace, timeout: float, *, shown: str) -> str:
    """Run a command and return its output for the model; `shown` is the command as the model wrote it."""
    try:
        finished = sandbox.run(command, cwd=workspace.root, timeout=timeout)
    except SandboxError as error:
        raise ToolError(f"{shown.partition(' ')[0]} could not be started: {error}") from error
    output = finished.output if finished.output.strip() else f"({shown}: no output, exit status 0)"
    if not finished.put_back:
        return output
    return f"{output}\n[undone, since programs of the user run it by themselves: {', '.join(finished.put_back)}]"


def relative(args: list[str], workspace: Workspace) -> list[str]:
    """Make absolute paths of the workspace relative, since the sandbox may know the folder by another name."""
    inside = [workspace.inside(arg) if arg.startswith("/") else None for arg in args]
    return [arg if path is None else f"./{path}" for arg, path in zip(args, inside, strict=True)]
