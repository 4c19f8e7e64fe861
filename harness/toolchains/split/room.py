"""Folders of one split verification.

spec/         the pristine spec; only the trusted side sees it
work/code/    a copy of the workspace, for the code's side
work/pipes/   named pipes between the two
work/scratch/ temporary folders of tests, for both sides
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from types import TracebackType

from harness.gate.pins import Pins
from harness.trees import clear, walk

MOST_BYTES = 256 << 20
"""Largest number of bytes that are copied from a workspace."""
LEFT_OUT = frozenset((".git", ".hg", ".svn", ".venv", "venv", "__pycache__", ".pytest_cache", "node_modules"))


class CannotCopyError(Exception):
    """The workspace cannot be copied; the text is meant for the model."""


class SplitRoom:
    """The folders. Entering creates them, leaving removes them."""

    def __init__(self, root: Path, base: Path) -> None:
        """`base` is a folder outside the workspace; the room of a workspace has the same path each time."""
        self.path = (base / hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:16]).resolve()
        self.root = root
        self.spec = self.path / "spec"
        self.work = self.path / "work"
        self.code = self.work / "code"
        self.pipes = self.work / "pipes"
        self.scratch = self.work / "scratch"

    def __enter__(self) -> "SplitRoom":
        clear(self.path)
        for folder in (self.spec, self.code, self.pipes, self.scratch):
            folder.mkdir(parents=True)
        self.path.chmod(0o700)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        clear(self.path)

    def lay_spec(self, pins: Pins, is_spec: Callable[[str], bool]) -> None:
        """Write the pristine files of the spec."""
        for name, file in pins.files.items():
            if is_spec(name):
                target = self.spec / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.content)

    def lay_code(self, pins: Pins) -> None:
        """Copy the workspace, with pinned files as the task has them. Raises CannotCopyError."""
        left = MOST_BYTES
        for entry in walk(self.root, lambda folder, name, leads_on: leads_on and name in LEFT_OUT):  # noqa: ARG005
            if not entry.is_file or entry.name in pins.files or entry.name.endswith(".pyc"):
                continue
            left -= entry.status.st_size
            if left < 0:
                raise CannotCopyError(
                    f"the workspace holds more than {MOST_BYTES >> 20} MiB: remove what is not needed"
                )
            target = self.code / entry.name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copy(entry.path, target)
            except PermissionError as error:
                raise CannotCopyError(f"the file {entry.name} cannot be read") from error
        pins.restore(self.code)
        pins.link(self.code)

    def lay_pipes(self, names: Iterable[str]) -> None:
        """Make the named pipes."""
        for name in names:
            os.mkfifo(self.pipes / name, 0o600)

    def renamed(self, text: str) -> str:
        """Return text with the paths of the workspace."""
        for folder in (self.spec, self.code):
            text = text.replace(str(folder), str(self.root))
        return text


def folder_of(test: str) -> str:
    """Return the file of a test id."""
    return str(PurePosixPath(test.split("::", 1)[0]))
