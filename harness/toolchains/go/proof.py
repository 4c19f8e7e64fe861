"""Proof that the test functions of one process ran: secret tokens that only the gate's code in the process knows.

Every run of every test has one token for each countable end: passed, skipped, or passed with skipped subtests. Every
test has one more for not being part of this platform's build. A token counts once, so a report that is read reveals
nothing useful, and code without the token cannot turn a failure into a pass.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Proof:
    """Tests that one process must prove, and those that it has proven."""

    tests: Sequence[str]
    runs: int
    """Number of times that each test must run."""
    passed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    absent: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    """Tests that changed flags of package testing."""
    subtests: set[str] = field(default_factory=set)
    """Full names of skipped subtests."""
    unknown: set[str] = field(default_factory=set)
    """Tests of the process that the gate did not read from the spec: a fault of the gate."""

    def __post_init__(self) -> None:
        self._tokens: dict[str, tuple[str, str]] = {}
        self._partial: dict[str, list[str]] = {}

    def orders(self, argv: Iterable[str]) -> str:
        """Return the text for the process: its real arguments, and the tokens."""
        lines = [f"arg\t{arg}" for arg in argv]
        for test in self.tests:
            absent = self._new_token("absent", test)
            passes = ",".join(self._new_token("pass", test) for _ in range(self.runs))
            skips = ",".join(self._new_token("skip", test) for _ in range(self.runs))
            self._partial[test] = [secrets.token_hex(16) for _ in range(self.runs)]
            lines.append(f"test\t{test}\t{absent}\t{passes}\t{skips}\t{','.join(self._partial[test])}")
        return "\n".join(lines) + "\n"

    def read(self, report: Path) -> None:
        """Read the report. A line without a valid token is skipped."""
        tallies = {"pass": self.passed, "skip": self.skipped}
        for line in report.read_text(errors="replace").splitlines():
            kind, test, token, *names = [*line.split("\t"), "", ""]
            if kind == "flags":
                self.altered.add(test)
            elif kind == "unknown":
                self.unknown.add(test)
            elif kind == "partial":
                self._take_partial(test, token, names[:-2])
            elif token and self._tokens.pop(token, None) == (kind, test):
                if kind == "absent":
                    self.absent.add(test)
                else:
                    tallies[kind][test] += 1

    def _take_partial(self, test: str, digest: str, names: list[str]) -> None:
        """Count a pass with skipped subtests if the digest binds their names to an unused token."""
        for token in self._partial.get(test, ()):
            if hashlib.sha256("\t".join([token, *names]).encode()).hexdigest() == digest:
                self._partial[test].remove(token)
                self.passed[test] += 1
                self.subtests.update(names)
                return

    @property
    def skips(self) -> set[str]:
        """Return the tests and subtests that were skipped at least once."""
        return {*self.skipped, *self.subtests}

    @property
    def missing(self) -> list[str]:
        """Return the tests of the build that ended, by passing or skipping, less often than they must."""
        counted = self.passed + self.skipped
        return [test for test in self.tests if test not in self.absent and counted[test] < self.runs]

    @property
    def complete(self) -> bool:
        """Return True if no test is missing and at least one passed."""
        return not self.missing and bool(self.passed)

    def _new_token(self, kind: str, test: str) -> str:
        token = secrets.token_hex(16)
        self._tokens[token] = (kind, test)
        return token
