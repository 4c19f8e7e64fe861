"""Spec elision: what need not be read again, since its package already passes."""

from pathlib import Path, PurePosixPath
from typing import Protocol

from harness.workspace import is_test_file


class NoticeSource(Protocol):
    """Knows of files that are not to be read as they are."""

    def notice(self, path: str) -> str | None:
        """What a read of this path (relative to the root) returns instead of the file, if anything."""
        ...


class FirstNotice:
    """Asks several in turn."""

    def __init__(self, *sources: NoticeSource) -> None:
        self._sources = sources

    def notice(self, path: str) -> str | None:
        return next((text for source in self._sources if (text := source.notice(path)) is not None), None)


class Elision:
    """The folders whose package passed at the last verification, and how many reads they saved.

    It only shortens what a read returns. Disk is never touched: the toolchain and the gate see the real specs.
    """

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self.green: frozenset[str] = frozenset()
        self.count = 0

    def update(self, green: frozenset[str] | None) -> None:
        """Replace the set, so that a package that regressed drops out; None leaves it as it was."""
        if green is not None:
            self.green = green

    def notice(self, path: str) -> str | None:
        """What a read of this path (relative to the root) returns instead of the file, if anything."""
        if not self._enabled or not is_test_file(Path(path)):
            return None
        if str(PurePosixPath(path).parent) not in self.green:
            return None
        self.count += 1
        return f"[{path} is left out: the tests of this package pass already, and nothing is to be done here.]"
