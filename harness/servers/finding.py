"""What a check of a server found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class CheckVerdict(StrEnum):
    """Whether runs can be made with what was found."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    check: str
    verdict: CheckVerdict
    found: str
    remedy: str = ""
    tools: str | None = None
    """How tools reach the model (native or text), where this check saw that."""

    def __str__(self) -> str:
        return f"{self.check}: {self.found}" + (f"; {self.remedy}" if self.remedy else "")


def failures(findings: Sequence[Finding]) -> Iterator[Finding]:
    """What keeps runs from being made."""
    return (finding for finding in findings if finding.verdict is CheckVerdict.FAIL)
