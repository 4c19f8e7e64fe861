"""Which verifier a command asks for."""

from collections.abc import Sequence
from pathlib import Path

from harness.gate.command import CommandVerifier
from harness.gate.gotest import GoTestVerifier
from harness.gate.pins import Pins
from harness.gate.verdict import Verifier
from harness.sandbox.base import Sandbox


def verifier_for(
    command: Sequence[str],
    *,
    sandbox: Sandbox,
    go: Path,
    root: Path,
    timeout: float,
    pins: Pins | None = None,
) -> Verifier:
    """`go test …` is verified strictly, by its events; of any other command the exit status decides."""
    if list(command[:2]) == ["go", "test"]:
        return GoTestVerifier(sandbox, go, root, command[2:], timeout, pins)
    return CommandVerifier(sandbox, root, command, timeout, pins)
