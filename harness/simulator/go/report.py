"""Results of each package in the output of `go test`, as far as a reader can tell."""

import re

from harness.simulator.language import TestReport

VERDICT = re.compile(r"^(ok|FAIL)[ \t]+(\S+)", re.MULTILINE)
TOLD = re.compile(r"^(?:--- FAIL|panic:|\S+\.go:\d+)|\[build failed\]|\[setup failed\]", re.MULTILINE)


def read(text: str) -> TestReport:
    """Read the output of `go test`, which names packages by their import paths, or a gate's feedback that shows it."""
    told: dict[str, set[str]] = {"ok": set(), "FAIL": set()}
    for verdict, package in VERDICT.findall(text):
        told[verdict].add(package)
    red = frozenset(told["FAIL"])
    return TestReport(frozenset(told["ok"]) - red, red, failed=bool(TOLD.search(text)) or text.startswith("ERROR: "))
