"""The two sides in Python: pytest over proxies of the modules, and a process for the modules.

RPyC has such proxies, but its server serves attributes of any object to whoever is connected. Here the code is the
hostile side, so the protocol is our own: a fixed set of operations, and values built by allowlist.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from harness.gate.verdict import VerifierError
from harness.sandbox.base import Sandbox, SandboxError
from harness.toolchains.python.interpreter import PythonInstallation
from harness.toolchains.python.sides import command_of, over
from harness.toolchains.python.spec import settings
from harness.toolchains.split.room import SplitRoom
from harness.toolchains.split.verifier import GRACE, RUNS, SplitReport


@dataclass(frozen=True)
class PythonSides:
    """pytest with these arguments, and an interpreter for the code."""

    installation: PythonInstallation
    arguments: Sequence[str]
    sandbox: Sandbox

    @property
    def program(self) -> str:
        return f"{self.installation.python} -m pytest"

    def lay(self, room: SplitRoom) -> None:
        """Make the pipes."""
        room.lay_pipes(["orders", *(f"{name}{run}" for run in range(RUNS) for name in ("questions", "answers"))])

    def run(self, room: SplitRoom, timeout: float) -> SplitReport:
        """Start both sides, and wait for the end of both."""
        outcome = SplitReport()
        faults: list[Exception] = []

        def run_code() -> None:
            command = command_of(self.installation, "zygote", [str(room.pipes), str(room.code), str(room.spec)])
            try:
                outcome.code = over(self.sandbox, room.work, self.installation).run(
                    command, cwd=room.code, timeout=timeout + 2 * GRACE
                )
            except (SandboxError, OSError) as fault:
                faults.append(fault)

        code = threading.Thread(target=run_code)
        code.start()
        try:
            trusted = command_of(self.installation, "trusted", [settings(room, self.arguments, RUNS, timeout)])
            outcome.trusted = over(self.sandbox, room.path, self.installation).run(
                trusted, cwd=room.spec, timeout=timeout + GRACE, on_line=outcome.take
            )
        finally:
            _release(room)
            code.join()
        if faults:
            raise faults[0]
        if outcome.fault:
            raise VerifierError(f"{outcome.fault}: {outcome.code.output.strip()[-300:] if outcome.code else ''}")
        if not outcome.started and not outcome.trusted.timed_out:
            raise VerifierError(f"pytest did not run: {outcome.trusted.output.strip()[-300:]}")
        return outcome


def _release(room: SplitRoom) -> None:
    """Let the code's side end, whatever became of the trusted side: it waits for orders from the pipe."""
    try:
        os.close(os.open(room.pipes / "orders", os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return
