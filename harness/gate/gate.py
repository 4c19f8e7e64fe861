"""The gate of a run: one verifier behind `done` and the probe after each pass, with its latest refusal remembered."""

from collections.abc import Callable, Sequence

from harness.gate.verdict import Verdict, Verifier, VerifierError
from harness.transcript import Transcript


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
