"""The `go` tool: the Go toolchain by an allowlist, and the only way for the subject to run a program."""

import os
from pathlib import Path

from harness.sandbox.base import Sandbox
from harness.toolchains.run_tool import carried_out, relative
from harness.tools.registry import Arguments, Tool, ToolError, ToolKind
from harness.workspace import Workspace

SUBCOMMANDS = ("build", "test", "vet", "fmt", "mod")
FLAGS = ("-v", "-run", "-count", "-timeout", "-short", "-race", "-cover")
"""Flags that neither run a program nor write or redirect a file; -exec, -toolexec, -o, -overlay… do."""
MOD_VERBS = ("tidy", "download", "verify")


def go_tool(workspace: Workspace, sandbox: Sandbox, go: Path, timeout: float) -> Tool:
    """Return the `go` tool for a workspace. Each command may take `timeout` seconds."""

    def run(arguments: Arguments) -> str:
        args: list[str] = arguments["args"]
        check(args)
        command = [str(go), *_kept_clean(relative(args, workspace))]
        return carried_out(sandbox, command, workspace, timeout, shown=" ".join(["go", *args]))

    listed = {
        "type": "array",
        "items": {"type": "string"},
        "description": 'The arguments, the subcommand first, such as ["test", "./..."].',
    }
    description = f"Run the Go toolchain in the workspace. Subcommands: {', '.join(SUBCOMMANDS)}."
    return Tool("go", description, {"args": listed}, ("args",), run, ToolKind.COMMAND)


def check(args: list[str]) -> None:
    """Raise ToolError unless every argument is on the allowlist."""
    if not args:
        raise ToolError("args is empty; give a subcommand, such as build")
    if args[0] not in SUBCOMMANDS:
        raise ToolError(f"go {args[0]} is not allowed; the subcommands are {', '.join(SUBCOMMANDS)}")
    flags = [arg for arg in args[1:] if arg.startswith("-")]
    if args[0] == "mod":
        if len(args) < 2 or args[1] not in MOD_VERBS or flags:
            raise ToolError(f"go mod takes only {', '.join(MOD_VERBS)}, and no flags")
        return
    if any(flag.lstrip("-").partition("=")[0] == "race" and not flag.endswith("=false") for flag in flags):
        raise ToolError("the flag -race is not available: the race detector needs cgo, which no command here has")
    for flag in flags:
        if "-" + flag.lstrip("-").partition("=")[0] not in FLAGS:
            raise ToolError(f"the flag {flag} is not allowed; the flags are {' '.join(FLAGS)}")


def _kept_clean(args: list[str]) -> list[str]:
    # Building a lone main package would leave its binary in the workspace, as if it were progress.
    return ["build", "-o", os.devnull, *args[1:]] if args[0] == "build" else args
