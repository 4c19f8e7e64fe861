"""Commands that the subject may run: the tests, and a script."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from harness.tools.registry import ToolError

ALLOWED = '"node --test", "node --test FILE..." and "node FILE.js"'
SCRIPTS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")


def command_for(node: Path, runner: Path, args: Sequence[str]) -> list[str]:
    """Return the command for the arguments of a call: the harness chooses the node. Raises ToolError.

    `runner` is the script that runs the tests; without files it finds them.
    """
    program, *rest = args
    if program != "node":
        raise ToolError(f"{program} is not allowed; what may be run is {ALLOWED}")
    if not rest:
        raise ToolError("node needs a file or --test, since there is nobody to type into it")
    if rest[0] == "--test":
        for argument in rest[1:]:
            if argument.startswith("-"):
                raise ToolError(f"the flag {argument} is not allowed; what may be run is {ALLOWED}")
        return [str(node), str(runner), *rest[1:]]
    if rest[0].startswith("-") or PurePosixPath(rest[0]).suffix not in SCRIPTS:
        raise ToolError(f"node {rest[0]} is not allowed; what may be run is {ALLOWED}")
    return [str(node), *rest]


def test_files(command: Sequence[str]) -> list[str] | None:
    """Return the files that a verify command names after `node --test`; None if it is another command."""
    program, *rest = command
    if PurePosixPath(program).name != "node" or rest[:1] != ["--test"]:
        return None
    return None if any(argument.startswith("-") for argument in rest[1:]) else rest[1:]
