"""Selection of the verifier for a command."""

from collections.abc import Sequence
from pathlib import Path

from harness.gate.arguments import has_race, package_patterns
from harness.gate.cleanroom import CleanRoomVerifier
from harness.gate.command import CommandVerifier
from harness.gate.gotest import GoTestVerifier
from harness.gate.pins import VENDORED, Pins
from harness.gate.room import room_for
from harness.gate.screen import Screen
from harness.gate.spec import read_spec
from harness.gate.verdict import Verifier, VerifierError
from harness.sandbox.base import Sandbox
from harness.sandbox.environment import c_compiler, cache_folder, gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.sandbox.toolchain import Toolchain, version_of


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
    if list(command[:2]) != ["go", "test"]:
        return CommandVerifier(sandbox, root, command, timeout, pins)
    args = command[2:]
    race = has_race(args)
    provable = pins is not None and _provable(pins, args)
    if race and not (c_compiler() and provable):
        why = "a C compiler (gcc), and there is none" if provable else "cgo, which this verification has not"
        raise VerifierError(f"the race detector (-race) needs {why}")
    if pins is None or not provable:
        return GoTestVerifier(sandbox, go, root, args, timeout, pins)
    room = room_for(root, cache_folder() / "gate")
    toolchain = Toolchain(go, version_of(go))
    builder = LocalSandbox(toolchain, room / "scratch", gate_build_cache(), cgo=race)
    screen = Screen(builder, toolchain, pins, ("race", "cgo") if race else ())
    return CleanRoomVerifier(sandbox.over(room), builder, go, root, args, timeout, room, screen)


def _provable(pins: Pins, args: Sequence[str]) -> bool:
    vendored = any(path.startswith(f"{VENDORED}/") for path in pins.files)
    return bool(read_spec(pins.files)) and package_patterns(args) is not None and not vendored
