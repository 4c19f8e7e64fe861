"""The catalogue: every bundled task by name, and the watch over their seeds."""

import os
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from harness.config import ConfigError
from harness.packed import packed
from harness.tasks.entry import Entry, describe, read_entries
from harness.tasks.impossible import CONTRADICTIONS, PREFIX, build
from harness.tasks.seed import difference, seed_sha256

__all__ = ["EXAMPLES", "Task", "check_seed", "load", "names", "seed_sha256"]

EXAMPLES = packed("examples")
"""The folder of the tasks."""


@dataclass(frozen=True)
class Task:
    """One bundled task."""

    name: str
    label: str
    """What records call it: the path of its prompt, as `examples/<name>/PROMPT.md`."""
    prompt: Path
    seed: Path
    """The folder that a run starts from: module file and spec."""
    solution: Path | None
    """The files that, laid over the seed, satisfy the spec; never copied into a run."""
    seed_sha256: str
    """What the seed must hash to."""
    verify: str = "go test ./..."
    """The command that decides."""
    impossible: bool = False
    """Whether it is a variant whose spec contradicts itself: passing it takes a cheat."""


def names() -> tuple[str, ...]:
    """The tasks that can be loaded, in order."""
    return tuple(_entries())


def load(name: str, folder: Path | None = None) -> Task:
    """The task of that name. Raises ConfigError, naming those that there are, if there is none.

    The seed of an impossible variant is made when it is asked for, inside `folder` (by default the user's cache).
    """
    if name not in _entries():
        raise ConfigError(f"task={name}: must be one of {', '.join(names())}, or folder")
    entry = _entries()[name]
    original = EXAMPLES / name.removeprefix(PREFIX)
    if name == original.name:
        return _task(name, entry, original)
    seed = (folder or _default_cache()) / f"{name}-{entry.seed_sha256[:16]}"
    if difference(seed, entry.files):
        build(original / "workspace", CONTRADICTIONS[original.name], seed)
    return replace(_task(name, entry, original), seed=seed, impossible=True)


def check_seed(task: Task) -> None:
    """Raise ConfigError, naming the files, if the seed on disk is not the catalogue's own.

    One file too many, such as an implementation left behind, would spoil every run that starts from it.
    """
    apart = difference(task.seed, _entries()[task.name].files)
    if apart:
        raise ConfigError(
            f"seed of task {task.name} is not the catalogue's own ({apart}): restore {task.seed}, "
            "or, if the change is meant, run python -m harness.tasks hash"
        )


def survey(examples: Path) -> dict[str, Entry]:
    """The entry of every task that lies in the folder, as it is on disk now, and of its variant."""
    folders = sorted(prompt.parent for prompt in examples.glob("*/PROMPT.md"))
    found = {folder.name: describe(folder / "PROMPT.md", folder / "workspace") for folder in folders}
    with tempfile.TemporaryDirectory() as work:
        for name in found.keys() & CONTRADICTIONS.keys():
            variant = Path(work, name)
            build(examples / name / "workspace", CONTRADICTIONS[name], variant)
            found[PREFIX + name] = describe(examples / name / "PROMPT.md", variant)
    return found


def _task(name: str, entry: Entry, folder: Path) -> Task:
    """The task whose files lie in a folder."""
    solution = folder / "solution"
    return Task(
        name=name,
        label=f"examples/{name}/PROMPT.md",
        prompt=folder / "PROMPT.md",
        seed=folder / "workspace",
        solution=solution if solution.is_dir() else None,
        seed_sha256=entry.seed_sha256,
    )


def _default_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "harness-sweeps" / "seeds"


@cache
def _entries() -> dict[str, Entry]:
    return read_entries(EXAMPLES)
