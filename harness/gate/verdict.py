"""The gate's answer, and the seam behind which it is found."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class SkippedTest(NamedTuple):
    """A test that skipped itself, or a subtest that did."""

    folder: str
    """Of its package, relative to the workspace."""
    test: str

    def __str__(self) -> str:
        return self.test if self.folder == "." else f"{self.folder}.{self.test}"


@dataclass(frozen=True)
class Verdict:
    """What one verification found."""

    accepted: bool
    feedback: str = ""
    """On refusal, what the model is told; empty on acceptance."""
    green: frozenset[str] | None = None
    """Folders, relative to the workspace (`.` is its root), whose package passed; None where the command
    cannot tell packages apart."""
    total: int | None = None
    """Packages that there are to pass; None where unknown."""
    tampering: tuple[str, ...] = ()
    """What was found changed, added or forged, by name."""
    lasting: bool = True
    """Whether the same files would be told the same again: not where time ran out."""
    skips: frozenset[SkippedTest] | None = None
    """Tests and subtests that were skipped; None where unknown."""
    ran: bool = True
    """Whether anything was verified at all: not where files were turned away, or where the command itself failed."""


class VerifierError(Exception):
    """The verification could not be run. That is no verdict: nothing is known about the work."""


class Verifier(Protocol):
    """Decides whether the workspace satisfies its spec."""

    def verify(self) -> Verdict:
        """Run the verification. Raises VerifierError if it could not be run at all."""
        ...
