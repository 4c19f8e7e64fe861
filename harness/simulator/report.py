"""Results of each package in the text of a test run, as far as a reader can tell."""

import re
from dataclasses import dataclass

VERDICT = re.compile(r"^(ok|FAIL)[ \t]+(\S+)", re.MULTILINE)
TOLD = re.compile(r"^(?:--- FAIL|panic:|\S+\.go:\d+)|\[build failed\]|\[setup failed\]", re.MULTILINE)


@dataclass(frozen=True)
class TestReport:
    """Packages by their import path, as the last lines of `go test` name them."""

    green: frozenset[str]
    red: frozenset[str]
    failed: bool
    """Return True if the text reports a failure, of a package or otherwise."""

    @property
    def passes(self) -> bool:
        return bool(self.green) and not self.red and not self.failed


def read(text: str) -> TestReport:
    """Fold the output of `go test`, or the feedback of a gate that shows it."""
    told: dict[str, set[str]] = {"ok": set(), "FAIL": set()}
    for verdict, package in VERDICT.findall(text):
        told[verdict].add(package)
    red = frozenset(told["FAIL"])
    return TestReport(frozenset(told["ok"]) - red, red, failed=bool(TOLD.search(text)) or text.startswith("ERROR: "))
