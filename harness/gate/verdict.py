"""Verdicts, and the protocol of a verifier."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol


class ProofKind(StrEnum):
    """Basis of an acceptance; docs/gate.md says what each kind is worth."""

    TOKENS = "tokens"
    """Each test proved that it ran, by a secret that the code under test cannot reach."""
    SPLIT = "split"
    """The assertions ran in a process of their own, apart from the code under test."""
    EVENTS = "events"
    """The events that the test program printed decided."""
    STATUS = "status"
    """The exit status of a command decided."""


class SkippedTest(NamedTuple):
    """A skipped test or subtest."""

    folder: str
    """Folder of the package, relative to the workspace."""
    test: str

    def __str__(self) -> str:
        return self.test if self.folder == "." else f"{self.folder}.{self.test}"


@dataclass(frozen=True)
class Verdict:
    """Result of one verification."""

    accepted: bool
    feedback: str = ""
    """Text for the model on refusal; empty on acceptance."""
    green: frozenset[str] | None = None
    """Folders whose package passed, relative to the workspace (`.` is its root); None if the command does not know
    packages."""
    total: int | None = None
    """Number of packages that must pass; None if unknown."""
    tampering: tuple[str, ...] = ()
    """Names of changed, added or forged things."""
    lasting: bool = True
    """True if the same files would get the same verdict again; False after a timeout."""
    skips: frozenset[SkippedTest] | None = None
    """Skipped tests and subtests; None if unknown."""
    weaker: str = ""
    """Why it rests on less than the language allows; empty if it does not, and where nobody asked."""
    ran: bool = True
    """True if tests ran; False if files were refused before, or the command did not start or was killed."""

    @property
    def why_not_run(self) -> str:
        """Return why no test ran, in the words of whatever stopped it; empty if tests ran."""
        return "" if self.ran else f"it could not be started, or was killed: {self.feedback}"


class VerifierError(Exception):
    """The verification could not be run. This is no verdict: nothing is known about the work."""


class Verifier(Protocol):
    """Decides whether the workspace satisfies its spec."""

    @property
    def proof(self) -> ProofKind:
        """Return what its acceptance rests on."""
        ...

    def verify(self) -> Verdict:
        """Run the verification. Raises VerifierError if it could not be run at all."""
        ...
