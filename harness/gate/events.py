"""The event stream of `go test -json`, folded line by line into what it says about tests and packages.

Nothing is kept but counts, names and a clipped log, so a run may print as much as it likes.
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
    """What was told of one package."""

    started: Counter[str] = field(default_factory=Counter)
    """Tests by name, subtests too, as often as they began."""
    passed: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    ended: str = ""
    """The package's own verdict: pass, fail or skip (it has no tests); empty before there is one."""

    last: str = ""
    """The test that began last."""

    @property
    def unfinished(self) -> list[str]:
        """Tests that began and did not end.

        Where a process stops with status 0 inside a test, Go attributes the package's own verdict to that
        test: it then looks passed, and the package as if it had never ended.
        """
        open_tests = sorted(self.started - self.passed - self.failed - self.skipped)
        return open_tests or ([self.last] if self.last and not self.ended else [])

    @property
    def green(self) -> bool:
        """Whether it passed by the gate's rule: at least one test passed, none failed, none was left open."""
        return self.ended == "pass" and bool(self.passed) and not self.failed and not self.unfinished

    def take(self, action: str, test: str) -> None:
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
    """All that one `go test -json` run has told so far."""

    def __init__(self) -> None:
        self.packages: dict[str, PackageEvents] = {}
        self.failed_builds: set[str] = set()
        self.count = 0
        self._log = Clip(MOST_LOG)
        self._stray = Clip(MOST_STRAY)

    def feed(self, line: bytes) -> None:
        """Take one line; one that is not an event says nothing about any test."""
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
        """What a console would have shown; of a stream without events, its text as it is."""
        return self._log.text() if self.count else self._stray.text()

    @property
    def tests_passed(self) -> int:
        return sum(package.passed.total() for package in self.packages.values())

    @property
    def tests_skipped(self) -> int:
        return sum(package.skipped.total() for package in self.packages.values())

    @property
    def failed(self) -> bool:
        """Whether any failure was told: of a test, a package or a build."""
        failures = (package.failed or package.ended == "fail" for package in self.packages.values())
        return bool(self.failed_builds) or any(failures)

    @property
    def unfinished(self) -> list[str]:
        """Tests that began and never ended, as `package.Test`."""
        return [f"{path}.{test}" for path, package in self.packages.items() for test in package.unfinished]

    @property
    def green(self) -> list[str]:
        """Import paths of the packages that passed."""
        return [path for path, package in self.packages.items() if package.green]

    @property
    def tested(self) -> list[str]:
        """Import paths of the packages that have tests, as far as was told."""
        return [path for path, package in self.packages.items() if package.ended != "skip"]


def parse_event(line: bytes) -> dict[str, Any] | None:
    """The event on a line; None if it holds none."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("Action"), str) else None


def text_of(event: dict[str, Any], key: str) -> str:
    """A field of an event, if it is there and text."""
    value = event.get(key)
    return value if isinstance(value, str) else ""
