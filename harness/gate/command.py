"""Verification by a command of the user. Its exit status decides."""

import signal
from collections.abc import Sequence
from pathlib import Path

from harness.gate.pins import Pins
from harness.gate.verdict import ProofKind, Verdict, VerifierError
from harness.sandbox.base import Sandbox, SandboxError

STARTABLE = """
file=
case "$1" in
  */*) file=$1 ;;
  *) IFS=:; for folder in $PATH; do [ -f "$folder/$1" ] && [ -x "$folder/$1" ] && file=$folder/$1 && break; done ;;
esac
[ -n "$file" ] || { echo "there is no program $1 in $PATH"; exit 1; }
[ -f "$file" ] || { echo "there is no program $file"; exit 1; }
[ -x "$file" ] || { echo "$file cannot be executed: chmod +x"; exit 1; }
[ -r "$file" ] || exit 0
first=$(head -n 1 -- "$file" 2>/dev/null | head -c 200 | tr -d '\\000')
case "$first" in
  "#!"*) IFS=' '; set -- ${first#"#!"}; [ -x "$1" ] || { echo "$file needs $1, which is not there"; exit 1; } ;;
esac
"""
"""Shell script that looks for a program as `execvp` does, inside the sandbox."""


def why_unstartable(sandbox: Sandbox, command: Sequence[str], root: Path) -> str:
    """Return why a command cannot be started in a sandbox, in one line; empty if it can. It is not run."""
    try:
        finished = sandbox.run(["/bin/sh", "-c", STARTABLE, "sh", command[0]], cwd=root, timeout=30)
    except (SandboxError, OSError) as fault:
        return str(fault)
    return "" if finished.exit_code == 0 else " ".join(finished.output.split("\n[exit status", 1)[0].split())


NOT_STARTED = (126, 127)
"""Exit codes of a shell for a command that cannot be started or does not exist."""

KILLED = tuple(code for number in (signal.SIGKILL, signal.SIGSYS) for code in (-number, 128 + number))
"""Exit codes of a command that was killed, by itself and through a shell."""


class CommandVerifier:
    """Accepts if the command exits with status 0. It does not know packages, so it never feeds elision."""

    proof = ProofKind.STATUS

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
        failed = finished.exit_code in NOT_STARTED
        if failed and (why := why_unstartable(self._sandbox, self._command, self._root)):
            raise VerifierError(f"{' '.join(self._command)}: {why}")
        feedback = finished.output.strip()
        return Verdict(
            accepted=False,
            feedback=feedback,
            tampering=tampering,
            lasting=not finished.timed_out,
            ran=not (failed or finished.excess or finished.exit_code in KILLED),
        )
