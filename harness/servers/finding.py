"""Finding of a server check."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class CheckVerdict(StrEnum):
    """Severity of a finding: whether runs can be made."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """Result of one check."""

    check: str
    verdict: CheckVerdict
    found: str
    remedy: str = ""
    tools: str | None = None
    """Way in which tools reach the model (native or text), if this check saw it."""

    def __str__(self) -> str:
        return f"{self.check}: {self.found}" + (f"; {self.remedy}" if self.remedy else "")


def failures(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Return the findings that prevent runs."""
    return (finding for finding in findings if finding.verdict is CheckVerdict.FAIL)
