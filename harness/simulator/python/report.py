"""Results of each test file in the output of pytest, as far as a reader can tell."""

import re

from harness.simulator.language import TestReport

PROGRESS = re.compile(r"^(\S+\.py) ([.sxXFE]+) *(?:\[ *\d+%\])?$", re.MULTILINE)
SUMMARY = re.compile(r"^(?:FAILED|ERROR) (\S+?\.py)\b", re.MULTILINE)
FAILURE = re.compile(r"^(?:E  |FAILED|ERROR|=+ (?:FAILURES|ERRORS)|!+ )|\b\d+ (?:failed|errors?)\b", re.MULTILINE)


def read(text: str) -> TestReport:
    """Read the output of pytest, which names test files by their paths, or a gate's feedback that shows it."""
    marks = PROGRESS.findall(text)
    red = frozenset(SUMMARY.findall(text)) | {path for path, results in marks if set(results) & set("FE")}
    return TestReport(frozenset(path for path, _ in marks) - red, red, failed=bool(FAILURE.search(text)))
