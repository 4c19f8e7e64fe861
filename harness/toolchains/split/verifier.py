"""Split verification: the assertions run where the code under test does not.

The test framework and the pristine spec run in a trusted process. The workspace's modules live in a sandboxed process
of their own, behind proxies, and only plain data and handles cross. So whatever the code does to its process, it cannot
make an assertion hold, skip a test or write a report. docs/gate.md says what remains.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from harness.gate.pins import Pins
from harness.gate.verdict import ProofKind, SkippedTest, Verdict, VerifierError
from harness.sandbox.base import FinishedCommand, SandboxError
from harness.toolchains.split.room import CannotCopyError, SplitRoom, folder_of
from harness.toolchains.split.spec import Spec

RUNS = 3
"""Number of runs of the whole spec, each with a fresh process of the code."""
GRACE = 30.0
"""Seconds that the trusted side has for its report after the time limit."""
MOST_NAMED = 10


@dataclass
class SplitReport:
    """Report of the trusted side."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    fault: str = ""
    started: bool = False
    """True once the trusted side reported anything."""
    trusted: FinishedCommand | None = None
    code: FinishedCommand | None = None

    def take(self, line: bytes) -> None:
        """Take one line of the report."""
        try:
            report = json.loads(line)
        except ValueError:
            return
        self.started = True
        if "fault" in report:
            self.fault = str(report["fault"])
        elif "run" in report:
            self.runs.append(report)


class Sides(Protocol):
    """The two sides in one language."""

    @property
    def program(self) -> str:
        """Return the program that runs the tests, for messages."""
        ...

    def lay(self, room: SplitRoom) -> None:
        """Write into the room what the two sides need beside spec and code."""
        ...

    def run(self, room: SplitRoom, timeout: float) -> SplitReport:
        """Run the spec RUNS times. Raises VerifierError, SandboxError and OSError if it could not be run."""
        ...


class SplitVerifier:
    """Accepts only if the trusted side saw every test of the pristine spec end well, three times."""

    proof = ProofKind.SPLIT

    def __init__(self, root: Path, pins: Pins, spec: Spec, sides: Sides, *, base: Path, timeout: float) -> None:
        """`base` is a folder outside the workspace; `timeout` is in seconds."""
        self._root = root
        self._pins = pins
        self._spec = spec
        self._sides = sides
        self._base = base
        self._timeout = timeout

    def verify(self) -> Verdict:
        """Run the spec three times. Raises VerifierError if it could not be run."""
        try:
            restored = self._pins.restore(self._root)
            with SplitRoom(self._root, self._base) as room:
                room.lay_spec(self._pins, lambda name: name in self._pins.files)
                room.lay_code(self._pins)
                self._sides.lay(room)
                outcome = self._sides.run(room, self._timeout)
                return self._verdict(outcome, room, restored)
        except CannotCopyError as fault:
            return Verdict(accepted=False, feedback=f"Refused: {fault}.", total=len(self._spec.files), ran=False)
        except (SandboxError, OSError) as fault:
            raise VerifierError(f"{self._sides.program}: {fault}") from fault

    def _verdict(self, outcome: SplitReport, room: SplitRoom, restored: tuple[str, ...]) -> Verdict:
        finished = len(outcome.runs) == RUNS
        killed = "[ended" in (outcome.trusted.output if outcome.trusted else "")
        late = (not finished and not killed) or any("time limit" in run["gone"] for run in outcome.runs)
        missing = {test for run in outcome.runs for test in self._spec.missing([*run["passed"], *run["skipped"]])}
        failed = {test for run in outcome.runs for test in (*run["failed"], *run["broken"])}
        bad = {folder_of(test) for test in missing | failed}
        passed = {folder_of(test) for run in outcome.runs for test in run["passed"]}
        green = frozenset(file for file in self._spec.files if finished and file in passed and file not in bad)
        accepted = bool(green) and len(green) == len(self._spec.files) and not failed
        skips = {test for run in outcome.runs for test in run["skipped"]}
        return Verdict(
            accepted=accepted,
            feedback="" if accepted else self._feedback(outcome, room, missing, restored, late=late),
            green=green,
            total=len(self._spec.files),
            tampering=restored,
            lasting=not late,
            skips=frozenset(SkippedTest(folder_of(test), test.split("::", 1)[-1]) for test in skips),
        )

    def _feedback(
        self, outcome: SplitReport, room: SplitRoom, missing: set[str], restored: tuple[str, ...], *, late: bool
    ) -> str:
        worst = next((run for run in outcome.runs if run["failed"] or run["broken"]), None)
        worst = worst or next((run for run in outcome.runs if run["gone"] or run["code"]), None)
        parts = [room.renamed(worst["output"]).strip()] if worst else []
        if worst and worst["run"]:
            parts.append(f"This is run {worst['run'] + 1} of {RUNS}; the tests passed before.")
        if late:
            parts.append(f"Refused: the tests did not finish within {self._timeout:g} seconds.")
        elif missing:
            shown = sorted(missing)
            more = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
            parts.append(f"Refused: {', '.join(shown[:MOST_NAMED])}{more} did not pass {RUNS} times.")
        elif not worst:
            parts.append("Refused: every test of a file was skipped, which proves nothing.")
        if outcome.trusted and (ended := outcome.trusted.output.strip().rpartition("\n")[2]).startswith("[ended"):
            parts.append(f"The process of the tests, with the values that the code gave it: {ended}")
        notes = outcome.code.output.strip().splitlines() if outcome.code else []
        if worst and worst["gone"] and notes and notes[-1].startswith("[ended"):
            parts.append(notes[-1])
        if restored:
            parts.append(f"Put back as the task has it, for it is not yours to change: {', '.join(restored)}.")
        return "\n".join(parts)
