"""The proof that the test functions of one process ran: tokens that only the gate's own code in it knows.

Every run of every test has a token of its own for each way in which it can count: passed, skipped by itself, or passed
with subtests that were skipped; and every test has one for not being part of this platform's build. Whoever reads a
report learns nothing that could be used again, and whoever does not hold the token cannot turn a failure into a pass.
"""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Proof:
    """What one test process has to prove, and what it has proven."""

    tests: Sequence[str]
    runs: int
    """Times that each test has to run."""
    passed: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    absent: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    """Tests under which the flags of package testing were changed."""
    subtests: set[str] = field(default_factory=set)
    """Subtests that skipped themselves, by their full names."""
    unknown: set[str] = field(default_factory=set)
    """Tests that the process has and the gate does not know of: a fault of the gate's own reading."""

    def __post_init__(self) -> None:
        self._tokens: dict[str, tuple[str, str]] = {}
        self._partial: dict[str, list[str]] = {}

    def orders(self, argv: Iterable[str]) -> str:
        """What the process is given to start with: its true arguments, and the tokens."""
        lines = [f"arg\t{arg}" for arg in argv]
        for test in self.tests:
            absent = self._new_token("absent", test)
            passes = ",".join(self._new_token("pass", test) for _ in range(self.runs))
            skips = ",".join(self._new_token("skip", test) for _ in range(self.runs))
            self._partial[test] = [secrets.token_hex(16) for _ in range(self.runs)]
            lines.append(f"test\t{test}\t{absent}\t{passes}\t{skips}\t{','.join(self._partial[test])}")
        return "\n".join(lines) + "\n"

    def read(self, report: Path) -> None:
        """Take the report in. A line without its token is worth nothing, so it is passed over."""
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
        """Count a pass with skipped subtests, if its digest binds these names to one of the tokens."""
        for token in self._partial.get(test, ()):
            if hashlib.sha256("\t".join([token, *names]).encode()).hexdigest() == digest:
                self._partial[test].remove(token)
                self.passed[test] += 1
                self.subtests.update(names)
                return

    @property
    def skips(self) -> set[str]:
        """Tests and subtests that were skipped at least once."""
        return {*self.skipped, *self.subtests}

    @property
    def missing(self) -> list[str]:
        """Tests that are part of the build and did not run to an end of their own as often as they must."""
        counted = self.passed + self.skipped
        return [test for test in self.tests if test not in self.absent and counted[test] < self.runs]

    @property
    def complete(self) -> bool:
        """Whether all tests are accounted for, and at least one passed."""
        return not self.missing and bool(self.passed)

    def _new_token(self, kind: str, test: str) -> str:
        token = secrets.token_hex(16)
        self._tokens[token] = (kind, test)
        return token
