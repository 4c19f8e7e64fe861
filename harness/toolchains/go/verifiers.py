"""Selection of the verifier for a command."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.gate.command import CommandVerifier
from harness.gate.pins import Pins
from harness.gate.verdict import Verifier, VerifierError
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import cache_folder, gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.arguments import has_race, package_patterns
from harness.toolchains.go.cleanroom import CleanRoomVerifier
from harness.toolchains.go.files import VENDORED
from harness.toolchains.go.gotest import GoTestVerifier
from harness.toolchains.go.installation import GoInstallation, c_compiler, version_of
from harness.toolchains.go.room import room_for
from harness.toolchains.go.screen import Screen
from harness.toolchains.go.spec import read_spec


def verifier_for(
    command: Sequence[str],
    *,
    sandbox: Sandbox,
    go: Path,
    root: Path,
    timeout: float,
    pins: Pins | None = None,
) -> Verifier:
    """Return the strictest verifier that the command allows.

    `go test …` with a pinned spec runs in the clean room, with a proof for every test function. The events of the run
    decide without pins, with arguments that choose tests or add code (-run, -tags and the like), since the set of
    tests is then unknown, and with vendored dependencies, since the gate cannot add its module to such a build. For any
    other command the exit status decides.

    Raises VerifierError, in one line, if the command can never verify the folder.
    """
    if not is_go_test(command):
        return CommandVerifier(sandbox, root, command, timeout, pins)
    args = command[2:]
    race = has_race(args)
    provable = not why_no_tokens(command, pins)
    if race and not (c_compiler() and provable):
        why = "a C compiler (gcc), and there is none" if provable else "cgo, which this verification has not"
        raise VerifierError(f"the race detector (-race) needs {why}")
    if pins is None or not provable:
        return GoTestVerifier(sandbox, go, root, args, timeout, pins)
    room = room_for(root, cache_folder() / "gate")
    installation = GoInstallation(go, version_of(go))
    builder = LocalSandbox(replace(installation, cgo=race), room / "scratch", gate_build_cache())
    screen = Screen(builder, installation, pins, ("race", "cgo") if race else ())
    return CleanRoomVerifier(sandbox.over(room), builder, go, root, args, timeout, room, screen)


def is_go_test(command: Sequence[str]) -> bool:
    """Return True for a command of the form `go test …`."""
    return list(command[:2]) == ["go", "test"]


def why_no_tokens(command: Sequence[str], pins: Pins | None) -> str:
    """Return why a command is not verified in the clean room; empty if it is."""
    if not is_go_test(command):
        return "the command is not of the form go test …"
    if pins is None:
        return "the tests may be written (protect_tests=false)"
    if any(path.startswith(f"{VENDORED}/") for path in pins.files):
        return "dependencies are vendored"
    if package_patterns(command[2:]) is None:
        return "an argument of go test chooses tests or adds code"
    return "" if read_spec(pins.files) else "there are no test functions"
