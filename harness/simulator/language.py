"""Protocol of a language that a simulated subject writes: all that its habits do not depend on."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from harness.simulator.exercise import Exercise
from harness.simulator.turn import Call


@dataclass(frozen=True)
class Rule:
    """One kind of slip: what it replaces, and by what."""

    pattern: re.Pattern[str]
    replacement: str


def rule(pattern: str, replacement: str) -> Rule:
    """Return a rule. `^` and `$` in the pattern match at every line."""
    return Rule(re.compile(pattern, re.MULTILINE), replacement)


@dataclass(frozen=True)
class Trick:
    """One way round a gate: its name, the files that set it up, and whether code must run before `done` is called."""

    name: str
    files: Callable[[Exercise], Mapping[str, str]]
    """Text by path from the workspace's root."""
    runs: bool = False

    def calls(self, exercise: Exercise, test: Call) -> Iterator[Call]:
        """Return everything up to the call of `done`; `test` is the call that runs the tests."""
        for path, content in self.files(exercise).items():
            yield Call("write_file", {"path": path, "content": content})
        if self.runs:
            yield test


@dataclass(frozen=True)
class TestReport:
    """Result of a test run by unit, each as the output names it."""

    green: frozenset[str]
    red: frozenset[str]
    failed: bool
    """True if the text reports a failure, of a unit or otherwise."""

    @property
    def passes(self) -> bool:
        return bool(self.green) and not self.red and not self.failed


class Language(Protocol):
    """One language. A unit is what passes or fails as a whole: a package in its folder, or a module with its spec."""

    @property
    def tool(self) -> str:
        """Return the name of the tool that runs programs."""
        ...

    @property
    def test(self) -> Call:
        """Return the call that runs all tests."""
        ...

    @property
    def uncompilable(self) -> tuple[Rule, ...]:
        """Return the slips that are found before any test runs."""
        ...

    @property
    def mistaken(self) -> tuple[Rule, ...]:
        """Return the slips that only a test finds. None touches a loop or anything that a loop waits for."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """Return comments, each a line, that make code longer."""
        ...

    @property
    def tricks(self) -> tuple[Trick, ...]:
        """Return the ways round a gate, in the order in which they are tried."""
        ...

    def __hash__(self) -> int:
        """Return a hash, so that a language can be a key."""
        ...

    def runs_tests(self, args: Sequence[str]) -> bool:
        """Return True if the tool runs tests with these arguments."""
        ...

    def is_spec(self, path: str) -> bool:
        """Return True if a path names a spec."""
        ...

    def is_code(self, path: str) -> bool:
        """Return True if a path names code that is no spec."""
        ...

    def is_source(self, path: str) -> bool:
        """Return True if a path names a spec or code."""
        ...

    def unit_of(self, path: str) -> str:
        """Return the unit that a spec or a file of code belongs to."""
        ...

    def folder_of(self, unit: str) -> str:
        """Return the folder that holds the files of a unit; `.` is the root."""
        ...

    def units(self, names: Sequence[str]) -> list[str]:
        """Return the units that a listing of the root names; names of folders end with a slash."""
        ...

    def tested_unit(self, name: str, module: str) -> str:
        """Return the unit that a test run names so; `module` is the name of the exercise's module."""
        ...

    def read_report(self, text: str) -> TestReport:
        """Read the output of a test run, or the feedback of a gate that shows it."""
        ...

    def is_notice(self, path: str, text: str) -> bool:
        """Return True if a read of that path returned something other than the file."""
        ...

    def takes_remark(self, lines: Sequence[str], number: int) -> bool:
        """Return True if a comment may stand before a line: a statement in a body, in no string of several lines."""
        ...

    def hollow(self, text: str) -> str:
        """Return code of which every function that a spec can call fails at once."""
        ...
