"""Roles of files in a workspace, which depend on the language."""

from pathlib import PurePath
from typing import Protocol


class FileRules(Protocol):
    """Tells specs, code and protected files by their paths."""

    @property
    def specs(self) -> str:
        """Return the words for spec files in a tool's description, such as `Go test files (*_test.go)`."""
        ...

    @property
    def unit(self) -> str:
        """Return the word for a unit of elision: package, or file; empty if there are no units."""
        ...

    def is_spec(self, path: PurePath) -> bool:
        """Return True if a path (relative to the root, links resolved) names a spec file, in either case."""
        ...

    def is_code(self, path: PurePath) -> bool:
        """Return True if the path names source code of the language, specs included."""
        ...

    def is_compiled(self, path: PurePath) -> bool:
        """Return True if a build takes the file in: source code, assembly, object files."""
        ...

    def is_pinned(self, path: PurePath) -> bool:
        """Return True if the path (relative to the root) is protected: a spec, or a file that decides what is run."""
        ...

    def unit_of(self, path: str) -> str:
        """Return the unit of elision that a file belongs to: a folder (`.` is the root) or the file itself; empty if it
        belongs to none."""
        ...


def is_own_code(rules: FileRules, path: PurePath) -> bool:
    """Return True for source code that is no spec."""
    return rules.is_code(path) and not rules.is_spec(path)
