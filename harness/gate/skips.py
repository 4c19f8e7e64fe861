"""Skipped tests: one that the pristine code does not skip is no pass."""

from collections.abc import Callable
from dataclasses import replace

from harness.gate.verdict import SkippedTest, Verdict, Verifier

MOST_NAMED = 10


class SkipChecker:
    """A verifier that refuses what another accepts, if tests were skipped that are to run."""

    def __init__(self, verifier: Verifier, expected: Callable[[], frozenset[SkippedTest]]) -> None:
        self._verifier = verifier
        self._expected = expected

    def verify(self) -> Verdict:
        """Verify, then look at what was skipped. `expected` is called only where something was."""
        verdict = self._verifier.verify()
        unexpected = verdict.skips - self._expected() if verdict.skips else frozenset()
        if not unexpected:
            return verdict
        folders = {skipped.folder for skipped in unexpected}
        green = None if verdict.green is None else verdict.green - folders
        return replace(
            verdict, accepted=False, green=green, feedback=f"{verdict.feedback}\n{_reason(unexpected)}".strip()
        )


def _reason(unexpected: frozenset[SkippedTest]) -> str:
    names = [str(skipped) for skipped in sorted(unexpected)]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (
        f"Refused: {', '.join(names[:MOST_NAMED])}{more} did not run to an end but skipped, and a skipped test proves "
        "nothing (task.skips=refuse)."
    )
