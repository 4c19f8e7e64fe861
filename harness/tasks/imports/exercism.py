"""Import of Exercism exercises: from the checkout of a track, or of Aider's polyglot benchmark.

`.meta/config.json` of an exercise names its files: solution (stubs), test, example, and files that are only shown.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.config import ConfigError
from harness.tasks.imports.bundle import (
    TaskBundle,
    UnfitTask,
    files_below,
    read_inside,
    relative,
    require_name,
)
from harness.tasks.imports.switches import switched_on
from harness.tasks.notes import TaskNotes

VERIFY = {"go": "go test ./...", "python": "python -m pytest", "javascript": "node --test", "rust": "cargo test"}
"""Commands by track."""
MANIFESTS = ("Cargo.toml",)
"""Files that count as part of a solution, for its packages. Without an example of them they stay as they are."""
PRACTICE = Path("exercises", "practice")
CONFIG = ".meta/config.json"
TEXTS = ("introduction.md", "instructions.md", "instructions.append.md")
"""Parts of the task's text, in order; hints are left out."""

CLOSING = """\
## What to write

{files}. The test files are the specification: they stay as they are, and the task is done when all of them pass with
`{verify}`. Use the standard library only.
"""


@dataclass(frozen=True)
class ExerciseFolder:
    """One exercise of a checkout."""

    track: str
    folder: Path

    @property
    def name(self) -> str:
        return f"exercism/{self.track}/{self.folder.name}"


def exercises(checkout: Path, track: str = "") -> list[ExerciseFolder]:
    """Return the exercises of a checkout, of one track if it is named.

    Raises ConfigError, in one line, if the folder is no checkout, or if there is no toolchain for the track.
    """
    if track and track not in VERIFY:
        raise ConfigError(f"--track {track}: must be one of {', '.join(VERIFY)}")
    result = list(_practice(checkout))
    if not result:
        raise ConfigError(
            f"{checkout}: holds no exercises: must be the checkout of a track (with exercises/practice), "
            "or of the polyglot benchmark (TRACK/exercises/practice/…)"
        )
    chosen = [one for one in result if one.track in ({track} if track else VERIFY)]
    if not chosen:
        raise ConfigError(f"{checkout}: has exercises of {', '.join(sorted({one.track for one in result}))} only")
    return chosen


def _practice(checkout: Path) -> Iterator[ExerciseFolder]:
    own = checkout / PRACTICE
    if own.is_dir():
        track = _slug(checkout)
        yield from (ExerciseFolder(track, folder) for folder in _folders(own))
    else:
        for practice in sorted(checkout.glob(f"*/{PRACTICE}")):
            yield from (ExerciseFolder(practice.parents[1].name, folder) for folder in _folders(practice))


def _folders(practice: Path) -> list[Path]:
    return sorted(folder for folder in practice.iterdir() if folder.is_dir() and not folder.name.startswith("."))


def _slug(checkout: Path) -> str:
    """The track's name: its config has it, else its folder."""
    try:
        slug = json.loads((checkout / "config.json").read_text(encoding="utf-8")).get("slug")
    except (OSError, ValueError, AttributeError):
        slug = None
    return str(slug or checkout.resolve().name)


def read_exercise(exercise: ExerciseFolder, checkout: Path, origin: tuple[str, str]) -> TaskBundle:
    """Return an exercise as a task; `origin` is the address and the commit of the checkout.

    Raises UnfitTask, in one line, for an exercise that has not all that a task needs.
    """
    require_name(exercise.folder.name)
    files = _files(exercise.folder)
    stubs, tests, examples = files["solution"], files["test"], files["example"]
    if not tests:
        raise UnfitTask("has no test file")
    if not stubs or not examples:
        raise UnfitTask("names no solution file, or no example")
    if len(examples) < len(stubs):
        stubs = [path for path in stubs if path not in MANIFESTS]
    verify = VERIFY[exercise.track]
    seed = {path: read_inside(exercise.folder, path) for path in files_below(exercise.folder)}
    missing = [path for path in tests if path not in seed]
    if missing:
        raise UnfitTask(f"{', '.join(missing)}: missing")
    switched = {path: switched_on(exercise.track, seed[path]) for path in tests}
    seed |= {path: content for path, (content, _) in switched.items()}
    count = sum(changed for _, changed in switched.values())
    solution = {
        path: read_inside(exercise.folder, example) for path, example in zip(*_paired(stubs, examples), strict=True)
    }
    source, commit = origin
    notes = TaskNotes(
        verify=verify,
        set=f"exercism/{exercise.track}",
        writable=[path for path in stubs if path in seed],
        source=source,
        commit=commit,
        public=True,
        difficulty=_difficulty(checkout, exercise),
        remarks=[f"{count} skipped test{'s' * (count > 1)} switched on"] if count else [],
    )
    return TaskBundle(
        exercise.name, _prompt(exercise.folder, stubs, verify), seed, solution, notes, _licence(checkout, exercise)
    )


def _files(folder: Path) -> dict[str, list[str]]:
    try:
        config: Any = json.loads(read_inside(folder, CONFIG))
    except (ValueError, RecursionError) as error:
        raise UnfitTask(f"{CONFIG} cannot be read: {error}") from error
    files = config.get("files") if isinstance(config, dict) else None
    if not isinstance(files, dict):
        raise UnfitTask(f"{CONFIG} must be an object with an object `files`")
    listed = {kind: files.get(kind, []) for kind in ("solution", "test", "example")}
    for kind, paths in listed.items():
        if not isinstance(paths, list):
            raise UnfitTask(f"{CONFIG}: files.{kind} must be a list of paths")
    return {kind: [relative(path) for path in paths] for kind, paths in listed.items()}


def _paired(stubs: list[str], examples: list[str]) -> tuple[list[str], list[str]]:
    """Each example with the file that it stands for: by name where one has it, else in order."""
    if len(examples) > len(stubs):
        by_name = {Path(path).name: path for path in stubs}
        if all(Path(path).name in by_name for path in examples):
            return [by_name[Path(path).name] for path in examples], examples
        raise UnfitTask(f"has {len(examples)} example files for {len(stubs)} solution files")
    return stubs[: len(examples)], examples


def _prompt(folder: Path, stubs: list[str], verify: str) -> str:
    texts = [_text(folder, f".docs/{name}") for name in TEXTS if (folder / ".docs" / name).is_file()]
    if not texts:
        raise UnfitTask(".docs/instructions.md is missing")
    names = ", ".join(f"`{path}`" for path in stubs)
    closing = CLOSING.format(
        files=f"Write {names}" + (", which is there as a stub" if len(stubs) == 1 else ""), verify=verify
    )
    return "\n\n".join([f"# {folder.name}", *texts, closing])


def _text(folder: Path, path: str) -> str:
    try:
        return read_inside(folder, path).decode().strip()
    except UnicodeDecodeError as error:
        raise UnfitTask(f"{path} is no UTF-8 text") from error


def _difficulty(checkout: Path, exercise: ExerciseFolder) -> int | None:
    """The difficulty that the track's config states."""
    try:
        listed = json.loads((checkout / "config.json").read_text(encoding="utf-8"))["exercises"]["practice"]
        return next((int(one["difficulty"]) for one in listed if one.get("slug") == exercise.folder.name), None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _licence(checkout: Path, exercise: ExerciseFolder) -> str:
    for folder in (exercise.folder, checkout / exercise.track, checkout):
        for name in ("LICENSE", "LICENSE.md", "LICENSE.txt"):
            path = folder / name
            if path.is_file() and not path.is_symlink():
                return path.read_text(encoding="utf-8", errors="replace")
    return ""


def origin_of(checkout: Path) -> tuple[str, str]:
    """Return the address of a checkout's repository and its commit; where it has no such thing, its path and nothing.

    A folder that no repository holds may lie below another repository, whose commit says nothing about it.
    """

    def git(*words: str) -> str:
        try:
            done = subprocess.run(
                ["git", "-C", str(checkout), *words], capture_output=True, text=True, timeout=30, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout.strip() if done.returncode == 0 else ""

    if not git("ls-tree", "HEAD", "."):
        return str(checkout.resolve()), ""
    # An address may hold a password.
    address = re.sub(r"(?<=://)[^/@]*@", "", git("config", "--get", "remote.origin.url"))
    return address or str(checkout.resolve()), git("rev-parse", "HEAD")
