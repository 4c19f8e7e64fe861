"""A task on its way into a folder of tasks: its texts and files, and the notes that are kept with it."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from harness.tasks.notes import NOTES, TaskNotes

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Allowed names: they become folders, keys of a config, and words of a command line."""
LARGEST = 4 << 20
"""Bytes of one file at most."""


class UnfitTask(Exception):  # noqa: N818 - a finding, which is listed
    """A task that cannot be used; the text is the reason, in one line."""


@dataclass(frozen=True)
class TaskBundle:
    """The content of one task."""

    name: str
    """Path below the folder of tasks, such as exercism/go/bowling."""
    prompt: str
    seed: Mapping[str, bytes]
    solution: Mapping[str, bytes]
    notes: TaskNotes
    licence: str = ""
    """Text of the licence; empty where the source has none."""

    def write(self, root: Path) -> Path:
        """Write the task below a folder of tasks, in place of an older one; it appears whole. Return its folder."""
        target = root / self.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".import-") as work:
            fresh = Path(work, "task")
            for folder, files in (("workspace", self.seed), ("solution", self.solution)):
                for path, content in files.items():
                    place = fresh / folder / path
                    place.parent.mkdir(parents=True, exist_ok=True)
                    place.write_bytes(content)
            (fresh / "PROMPT.md").write_text(self.prompt, encoding="utf-8")
            (fresh / NOTES).write_text(json.dumps(asdict(self.notes), indent=1) + "\n", encoding="utf-8")
            if self.licence:
                (fresh / "LICENSE").write_text(self.licence, encoding="utf-8")
            if target.exists():
                shutil.rmtree(target)
            fresh.rename(target)
        return target


def require_name(name: str) -> str:
    """Return a name that may be used. Raises UnfitTask for any other."""
    if not NAME.fullmatch(name):
        raise UnfitTask(
            f"the name {name!r} must consist of letters, digits, dots, dashes and underscores, a letter or digit first"
        )
    return name


def relative(path: object) -> str:
    """Return a path below a folder, as a description names it. Raises UnfitTask for one that leads out."""
    if not isinstance(path, str) or not path:
        raise UnfitTask(f"{path!r} must be the path of a file")
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts:
        raise UnfitTask(f"{path} leads out of the exercise")
    return parts.as_posix()


def read_inside(folder: Path, path: str) -> bytes:
    """Return the bytes of a regular file below a folder. Raises UnfitTask for anything else, links included."""
    place = folder / path
    for part in (place, *place.parents):
        if part.is_symlink():
            raise UnfitTask(f"{path if part != folder else folder.name} is a link")
        if part == folder:
            break
    if not place.is_file():
        raise UnfitTask(f"{path} is missing")
    if place.stat().st_size > LARGEST:
        raise UnfitTask(f"{path} has more than {LARGEST >> 20} MiB")
    return place.read_bytes()


def files_below(folder: Path) -> Iterator[str]:
    """Yield the paths of all files below a folder, in order; hidden folders and files are left out.

    Raises UnfitTask for a link, the folder itself included.
    """
    if folder.is_symlink():
        raise UnfitTask(f"{folder.name} is a link")
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_symlink():
            raise UnfitTask(f"{entry.name} is a link")
        if entry.is_dir():
            yield from (f"{entry.name}/{path}" for path in files_below(entry))
        elif entry.is_file():
            yield entry.name
