"""The tests of a pristine spec, which must be seen to end well."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from harness.gate.verdict import SkippedTest
from harness.toolchains.split.room import folder_of


@dataclass(frozen=True)
class Spec:
    """The tests of a pristine spec."""

    tests: frozenset[str]
    """Ids of tests that must end well."""
    loose: frozenset[str]
    """Ids made from values of the code: as many of each function must end well, by whatever id."""
    skips: frozenset[SkippedTest]
    """Tests that skip by their own marks, without the code."""
    uses: frozenset[str]
    """Ways in which the tests that there are depend on the code."""

    @property
    def files(self) -> frozenset[str]:
        """Return the test files."""
        return frozenset(map(folder_of, self.tests | self.loose))

    def expected_tests(self) -> dict[str, list[str]]:
        """Return the ids of the tests, by test file."""
        result: dict[str, list[str]] = {file: [] for file in sorted(self.files)}
        for test in sorted(self.tests | self.loose):
            result[folder_of(test)].append(test)
        return result

    def missing(self, ended: Sequence[str]) -> list[str]:
        """Return the tests that are not among those that ended as they must."""
        ids = frozenset(ended)
        missing = sorted(self.tests - ids)
        wanted = Counter(function_of(test) for test in self.loose)
        there = Counter(function_of(test) for test in ids - self.tests)
        return missing + [name for name, count in sorted(wanted.items()) if there[name] < count]


def function_of(test: str) -> str:
    """Return the id of a test without its parameters."""
    return test.split("[", 1)[0]
