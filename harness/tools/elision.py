"""Spec elision: reads of specs that already pass return a short notice."""

from pathlib import Path
from typing import Protocol

from harness.file_rules import FileRules


class NoticeSource(Protocol):
    """A source of notices that replace the text of a file."""

    def notice(self, path: str) -> str | None:
        """Return the notice that replaces the file at this path (relative to the root); None to read the file."""
        ...


class FirstNotice:
    """The first notice of several sources."""

    def __init__(self, *sources: NoticeSource) -> None:
        self._sources = sources

    def notice(self, path: str) -> str | None:
        return next((text for source in self._sources if (text := source.notice(path)) is not None), None)


class Elision:
    """The units (packages or files) that passed at the last verification, and the number of reads that they saved.

    It only shortens what a read returns. The disk stays as it is: the toolchain and the gate see the real specs.
    """

    def __init__(self, files: FileRules, *, enabled: bool) -> None:
        self._files = files
        self._enabled = enabled
        self.green: frozenset[str] = frozenset()
        self.count = 0

    def update(self, green: frozenset[str] | None) -> None:
        """Replace the set, so that a unit that regressed drops out; None keeps the old set."""
        if green is not None:
            self.green = green

    def notice(self, path: str) -> str | None:
        """Return the notice that replaces the file at this path (relative to the root); None to read the file."""
        if not self._enabled or not self._files.is_spec(Path(path)):
            return None
        if self._files.unit_of(path) not in self.green:
            return None
        self.count += 1
        unit = self._files.unit
        return f"[{path} is left out: the tests of this {unit} pass already, and nothing is to be done here.]"
