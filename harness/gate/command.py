"""Verification by any command of the user's own: its exit status decides, and nothing else is known."""

from collections.abc import Sequence
from pathlib import Path

from harness.gate.pins import Pins
from harness.gate.verdict import Verdict, VerifierError
from harness.sandbox.base import Sandbox, SandboxError


class CommandVerifier:
    """Accepts if the command exits 0. It cannot tell packages apart, so it never feeds elision."""

    def __init__(
        self, sandbox: Sandbox, root: Path, command: Sequence[str], timeout: float, pins: Pins | None = None
    ) -> None:
        self._sandbox = sandbox
        self._root = root
        self._command = command
        self._timeout = timeout
        self._pins = pins or Pins({})

    def verify(self) -> Verdict:
        """Restore the pinned files, then run the command."""
        try:
            tampering = self._pins.restore(self._root)
            finished = self._sandbox.run(self._command, cwd=self._root, timeout=self._timeout)
        except (SandboxError, OSError) as fault:
            raise VerifierError(f"{' '.join(self._command)}: {fault}") from fault
        if finished.exit_code == 0 and not finished.timed_out:
            return Verdict(accepted=True, tampering=tampering)
        feedback = finished.output.strip()
        return Verdict(accepted=False, feedback=feedback, tampering=tampering, lasting=not finished.timed_out)
