"""Commands of cargo: those that the subject may run, and those that the gate can prove."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from harness.tools.registry import ToolError

FLAGS = frozenset(
    (
        *("--all-targets", "--bins", "--lib", "--locked", "--no-fail-fast", "--offline", "--quiet", "-q", "--release"),
        *("--tests", "--verbose", "-v", "--workspace"),
    )
)
VALUED = ("--test", "--bin", "--example", "--package", "-p")
"""Flags that take a name."""
AFTER = frozenset(
    ("--ignored", "--include-ignored", "--nocapture", "--exact", "--list", "--show-output", "--quiet", "-q")
)
"""Flags of the test binary."""
COMMANDS = ("build", "check", "test", "run", "clippy", "fmt")
ALLOWED = '"cargo test", "cargo check", "cargo build", "cargo run", "cargo clippy" and "cargo fmt", with plain flags'


def command_for(cargo: Path, args: Sequence[str]) -> list[str]:
    """Return the command for the arguments of a call; nothing is downloaded. Raises ToolError."""
    program, *rest = args
    if program != "cargo" or not rest or rest[0] not in COMMANDS:
        raise ToolError(f"{' '.join(args[:2])} is not allowed; what may be run is {ALLOWED}")
    command, *rest = rest
    before, separator, after = _split(rest)
    if command == "fmt":
        if rest not in ([], ["--check"]):
            raise ToolError(f"cargo fmt takes --check alone; what may be run is {ALLOWED}")
        return [str(cargo), command, *rest]
    _require_flags(before)
    if command == "test":
        for argument in after:
            if argument.startswith("-") and argument not in AFTER:
                raise ToolError(
                    f"the flag {argument} is not allowed; of a test binary there are {', '.join(sorted(AFTER))}"
                )
    elif command != "run" and separator:
        raise ToolError(f"cargo {command} takes nothing after --; what may be run is {ALLOWED}")
    offline = [] if "--offline" in before else ["--offline"]
    return [str(cargo), command, *offline, *before, *separator, *after]


def _require_flags(arguments: Sequence[str]) -> None:
    names = iter(arguments)
    for argument in names:
        if argument in VALUED:
            if next(names, "-").startswith("-"):
                raise ToolError(f"the flag {argument} needs a name")
        elif argument.startswith("-") and argument not in FLAGS:
            raise ToolError(
                f"the flag {argument} is not allowed; there are {', '.join(sorted(FLAGS))} and {', '.join(VALUED)}"
            )


def _split(arguments: list[str]) -> tuple[list[str], list[str], list[str]]:
    if "--" not in arguments:
        return arguments, [], []
    place = arguments.index("--")
    return arguments[:place], ["--"], arguments[place + 1 :]


def is_cargo_test(command: Sequence[str]) -> bool:
    """Return True for `cargo test` with any arguments."""
    return PurePosixPath(command[0]).name == "cargo" and list(command[1:2]) == ["test"]


def includes_ignored(command: Sequence[str]) -> bool | None:
    """Return whether a verify command runs tests marked #[ignore]; None if it does not run every test of the crate."""
    if not is_cargo_test(command):
        return None
    before, _, after = _split(list(command[2:]))
    if set(before) - {"--offline", "--locked", "--quiet", "-q"} or set(after) - {"--include-ignored"}:
        return None
    return bool(after)
