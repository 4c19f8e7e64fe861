"""Events of `go test -json`, read line by line into the results of tests and packages.

Only counts, names and a clipped log are kept, so the output of a run may have any size.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from harness.sandbox.output import Clip

MOST_LOG = 16 << 10
MOST_STRAY = 4 << 10


@dataclass
class PackageEvents:
    """Events of one package."""

    started: Counter[str] = field(default_factory=Counter)
    """Number of starts, by the name of the test or subtest."""
    passed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    ended: str = ""
    """Result of the package: pass, fail or skip (it has no tests); empty before it ended."""

    last: str = ""
    """The test that started last."""

    @property
    def unfinished(self) -> list[str]:
        """Return the tests that started and did not end.

        If a process exits with status 0 inside a test, Go attributes the result of the package to that test: the test
        then looks passed, and the package looks unfinished.
        """
        open_tests = sorted(self.started - self.passed - self.failed - self.skipped)
        return open_tests or ([self.last] if self.last and not self.ended else [])

    @property
    def green(self) -> bool:
        """Return True if at least one test passed, none failed and none is unfinished."""
        return self.ended == "pass" and bool(self.passed) and not self.failed and not self.unfinished

    def take(self, action: str, test: str) -> None:
        """Count one event; `test` is empty for an event of the package itself."""
        if not test:
            if action in ("pass", "fail", "skip") and self.ended != "fail":
                self.ended = action
            return
        verdicts = {"run": self.started, "pass": self.passed, "fail": self.failed, "skip": self.skipped}
        if action in verdicts:
            verdicts[action][test] += 1
        if action == "run":
            self.last = test


class GoTestEvents:
    """Events of one `go test -json` run."""

    def __init__(self) -> None:
        self.packages: dict[str, PackageEvents] = {}
        self.failed_builds: set[str] = set()
        self.count = 0
        self._log = Clip(MOST_LOG)
        self._stray = Clip(MOST_STRAY)

    def feed(self, line: bytes) -> None:
        """Take one line. A line that is no event counts for no test."""
        event = parse_event(line)
        if event is None:
            self._stray.feed(line + b"\n")
            return
        self.count += 1
        action, package, output = text_of(event, "Action"), text_of(event, "Package"), text_of(event, "Output")
        if output:
            self._log.feed(output.encode(errors="replace"))
        if action == "build-fail":
            self.failed_builds.add(text_of(event, "ImportPath"))
        if package:
            self.packages.setdefault(package, PackageEvents()).take(action, text_of(event, "Test"))

    @property
    def log(self) -> str:
        """Return the output as a console would have shown it; without any event, the plain text."""
        return self._log.text() if self.count else self._stray.text()

    @property
    def tests_passed(self) -> int:
        return sum(package.passed.total() for package in self.packages.values())

    @property
    def tests_skipped(self) -> int:
        return sum(package.skipped.total() for package in self.packages.values())

    @property
    def failed(self) -> bool:
        """Return True if a test, a package or a build failed."""
        failures = (package.failed or package.ended == "fail" for package in self.packages.values())
        return bool(self.failed_builds) or any(failures)

    @property
    def unfinished(self) -> list[str]:
        """Return the tests that started and never ended, as `package.Test`."""
        return [f"{path}.{test}" for path, package in self.packages.items() for test in package.unfinished]

    @property
    def green(self) -> list[str]:
        """Return the import paths of the packages that passed."""
        return [path for path, package in self.packages.items() if package.green]

    @property
    def tested(self) -> list[str]:
        """Return the import paths of the packages that have tests."""
        return [path for path, package in self.packages.items() if package.ended != "skip"]


def parse_event(line: bytes) -> dict[str, Any] | None:
    """Return the event on a line; None if the line is no event."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("Action"), str) else None


def text_of(event: dict[str, Any], key: str) -> str:
    """Return a field of an event; empty if it is missing or no text."""
    value = event.get(key)
    return value if isinstance(value, str) else ""
