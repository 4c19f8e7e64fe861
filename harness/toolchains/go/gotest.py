"""Verification by the events of `go test -json` rather than by its exit status."""

from collections.abc import Sequence
from pathlib import Path

from harness.gate.pins import Pins
from harness.gate.verdict import ProofKind, SkippedTest, Verdict, VerifierError
from harness.sandbox.base import FinishedCommand, Sandbox, SandboxError
from harness.toolchains.go.arguments import without_json
from harness.toolchains.go.events import GoTestEvents
from harness.toolchains.go.module import folder_of, folders_of, read_module_path

OURS = ("test", "-json", "-count=3")
"""Three runs catch a test that passes by luck, such as map order. A -count of the user comes later and wins."""

MOST_STDERR = 4 << 10


class GoTestVerifier:
    """Accepts only if at least one test passed, nothing failed, and no test is unfinished."""

    proof = ProofKind.EVENTS

    def __init__(
        self,
        sandbox: Sandbox,
        go: Path,
        root: Path,
        args: Sequence[str],
        timeout: float,
        pins: Pins | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._root = root
        self._command = [str(go), *OURS, *without_json(args)]
        self._timeout = timeout
        self._pins = pins or Pins({})

    def verify(self) -> Verdict:
        """Restore the pinned files, then run the tests."""
        events = GoTestEvents()
        try:
            tampering = self._pins.restore(self._root)
            finished = self._sandbox.run(
                self._command,
                cwd=self._root,
                timeout=self._timeout,
                max_output=MOST_STDERR,
                on_line=events.feed,
            )
        except (SandboxError, OSError) as fault:
            raise VerifierError(f"go test: {fault}") from fault
        reason = refusal(events, finished)
        module = read_module_path(self._root)
        return Verdict(
            accepted=reason is None,
            feedback="" if reason is None else _feedback(events, finished, reason),
            green=folders_of(events.green, module),
            total=len(folders_of(events.tested, module)) if module else None,
            tampering=tampering,
            lasting=not finished.timed_out,
            skips=_skips(events, module),
            ran=bool(events.count) or finished.exit_code == 0 or finished.timed_out,
        )


def _skips(events: GoTestEvents, module: str) -> frozenset[SkippedTest]:
    tests = ((path, test) for path, package in events.packages.items() for test in package.skipped)
    return frozenset(SkippedTest(folder_of(path, module) or path, test) for path, test in tests)


def refusal(events: GoTestEvents, finished: FinishedCommand) -> str | None:
    """Return why a run is refused; empty if its output says so, None if it is accepted."""
    if events.failed:
        return ""
    if finished.timed_out:
        return "the tests did not finish within the time limit"
    if events.unfinished:
        return f"tests started but never finished: {', '.join(events.unfinished[:10])}"
    if not events.tests_passed:
        return _nothing_passed(events)
    if finished.exit_code != 0:
        return f"no test failed, but go test did not succeed (exit status {finished.exit_code})"
    return None


def _nothing_passed(events: GoTestEvents) -> str:
    if events.tests_skipped:
        return "no test passed: every test that ran was skipped, and a skipped test proves nothing"
    return "no test ran: a run without a passing test proves nothing, whatever its exit status"


def _feedback(events: GoTestEvents, finished: FinishedCommand, reason: str) -> str:
    parts = (events.log, finished.output, f"Refused: {reason}." if reason else "")
    return "\n".join(part.strip() for part in parts if part.strip())
