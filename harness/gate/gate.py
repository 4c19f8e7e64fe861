"""The gate of a run: one verifier behind `done` and the probe after each pass.

It remembers its latest refusal. `SkipChecker` adds the rule that a skipped test is no pass.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from harness.gate.verdict import ProofKind, SkippedTest, Verdict, Verifier, VerifierError
from harness.transcript import Transcript

MOST_NAMED = 10
"""Largest number of skipped tests that a refusal names."""


class Gate:
    """Verify the workspace, write each verdict down and pass it on.

    Files that were refused are refused again without a new verification until something in the workspace changes.
    """

    def __init__(
        self,
        verifier: Verifier,
        transcript: Transcript,
        state: Callable[[], str],
        listeners: Sequence[Callable[[Verdict], object]] = (),
    ) -> None:
        """`state` returns a hash of the whole workspace; each listener is called with every new verdict."""
        self._verifier = verifier
        self._transcript = transcript
        self._state = state
        self._listeners = listeners
        self._refused: tuple[str, Verdict] | None = None

    @property
    def proof(self) -> ProofKind:
        """Return what its acceptance rests on."""
        return self._verifier.proof

    def verify(self) -> Verdict:
        """Return the verdict on the workspace as it is. Raises VerifierError if the verification could not be run."""
        state = self._state()
        if self._refused and self._refused[0] == state:
            self._transcript.write("verdict_repeated")
            return self._refused[1]
        try:
            verdict = self._verifier.verify()
        except VerifierError as error:
            self._transcript.write("verdict", error=str(error))
            raise
        self._refused = (state, verdict) if verdict.lasting and not verdict.accepted else None
        for listener in self._listeners:
            listener(verdict)
        green = None if verdict.green is None else sorted(verdict.green)
        self._transcript.write("verdict", accepted=verdict.accepted, green=green, feedback=verdict.feedback)
        return verdict


class SkipChecker:
    """A verifier that refuses the acceptance of another if tests were skipped that must run."""

    def __init__(self, verifier: Verifier, expected: Callable[[], frozenset[SkippedTest]]) -> None:
        self._verifier = verifier
        self._expected = expected

    @property
    def proof(self) -> ProofKind:
        return self._verifier.proof

    def verify(self) -> Verdict:
        """Verify, then check the skipped tests. `expected` is called only if there are some."""
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
