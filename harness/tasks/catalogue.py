"""The catalogue: every bundled task by name, and the watch over their seeds."""

import os
import shlex
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from itertools import accumulate
from pathlib import Path

from harness.command_line import arguments
from harness.config import ConfigError, KitConfig
from harness.installation import data_folder
from harness.kit_config import KITS
from harness.sandbox.environment import cache_folder
from harness.tasks.entry import CATALOGUE, GO, CatalogueEntry, describe, read_entries
from harness.tasks.impossible import CONTRADICTIONS, PREFIX, build
from harness.tasks.kit.generated import generate
from harness.tasks.notes import NOTES, read_notes
from harness.tasks.seed import difference, seed_sha256
from harness.toolchains.base import Toolchain
from harness.toolchains.select import toolchain_of

__all__ = ["EXAMPLES", "Task", "check_seed", "load", "names", "seed_sha256"]

EXAMPLES = data_folder("examples")
"""The folder of the tasks."""

PROMPT = "PROMPT.md"
"""Name of the file that makes a folder a task."""

MOST_LISTED = 100
"""Most names of tasks that an error lists."""


@dataclass(frozen=True)
class Task:
    """One bundled task."""

    name: str
    label: str
    """Name of the task in records: the path of its prompt, as `examples/<name>/PROMPT.md`."""
    prompt: Path
    seed: Path
    """The folder that a run starts from: module file and spec."""
    solution: Path | None
    """The files that, laid over the seed, satisfy the spec; never copied into a run."""
    seed_sha256: str
    """Expected SHA-256 of the seed."""
    verify: str = GO
    """The command that decides."""
    writable: frozenset[str] = frozenset()
    """Files of the seed that the subject may change: stubs."""
    set: str = ""
    """Name of the set that it was imported from; empty for other tasks."""
    public: bool = False
    """True for a task of a published set: models have seen it in training."""
    difficulty: int | None = None
    """Difficulty as the set states it; None where it does not."""
    impossible: bool = False
    """True for a variant whose spec contradicts itself: passing it takes a cheat."""
    examples: Path = EXAMPLES
    """The folder that the task lies in, with the catalogue that knows it."""

    @property
    def toolchain(self) -> Toolchain:
        """The toolchain that verifies it."""
        return toolchain_of(arguments(self.verify))


def names(task_root: str = "") -> tuple[str, ...]:
    """The tasks that can be loaded, in order: those of a task_root, or the bundled ones."""
    return (
        tuple(name for root in roots(task_root) for name in own_names(root))
        if task_root
        else tuple(sorted((*_entries(), *KITS)))
    )


def roots(task_root: str) -> list[str]:
    """The folders that a `task_root` names."""
    return [root for root in task_root.split(os.pathsep) if root]


def own_names(task_root: str) -> list[str]:
    """The tasks that lie in the folders of a `task_root`. Raises ConfigError for a folder without any."""
    result: list[str] = []
    for root in map(str, _own_roots(task_root)):
        here = [folder.relative_to(root).as_posix() for folder in task_folders(Path(root))]
        if not here:
            raise ConfigError(f"task_root={root}: holds no task: each is a folder with PROMPT.md and workspace/")
        result += here
    return result


def _own_roots(task_root: str) -> list[Path]:
    """The folders of a `task_root`. Raises ConfigError for one that is not there."""
    for root in roots(task_root):
        if not os.path.isdir(root):  # noqa: PTH112
            raise ConfigError(f"task_root={root}: must be a folder that exists")
    return [Path(root) for root in roots(task_root)]


def allowed(name: str, there: Collection[str]) -> str:
    """Say in one line what a name of a task may be: every name, or of many the ones that are like it."""
    if len(there) <= MOST_LISTED:
        return f"must be one of {', '.join(there)}"
    close = get_close_matches(name, there, n=5, cutoff=0.4)
    like = f"such as {', '.join(close)}; " if close else ""
    return f"must be one of {len(there)} tasks ({like}harness tasks list shows them all)"


def _is_task(root: Path, name: str) -> bool:
    """Return whether `task_folders` would list the folder of that name. Nothing but the folders on its way is read."""
    parts = name.split("/")
    if any(not part or part.startswith(".") for part in parts):
        return False
    *above, folder = accumulate(parts, lambda path, part: f"{path}/{part}", initial=str(root))
    if not os.path.isfile(f"{folder}/{PROMPT}") or os.path.islink(folder):  # noqa: PTH113, PTH114 - thousands a sweep
        return False
    return not any(os.path.islink(one) or os.path.exists(f"{one}/{PROMPT}") for one in above[1:])  # noqa: PTH110, PTH114


def own_verify(task_root: str) -> dict[str, str]:
    """Return the verify command of each task that a catalogue of a `task_root` knows. One that is broken knows none:
    what loads a task of it says so."""
    result: dict[str, str] = {}
    for root in _own_roots(task_root):
        with suppress(ConfigError):
            result |= {name: entry.verify for name, entry in read_entries(root).items()}
    return result


def imported(root: Path, name: str) -> Task:
    """Return a task of a folder as it is on disk now, whatever the catalogue there says."""
    folder = root / name
    _require_parts(folder)
    return replace(_task(name, describe(folder), folder), label=name, examples=root)


def task_folders(root: Path) -> list[Path]:
    """Return the folders of tasks below a folder, at any depth: each holds PROMPT.md. None lies within another."""
    result: list[Path] = []
    for parent, folders, files in os.walk(root):
        if PROMPT in files and Path(parent) != root:
            result.append(Path(parent))
            folders.clear()
        else:
            folders[:] = [name for name in folders if not name.startswith(".")]
    return sorted(result)


def load(name: str, folder: Path | None = None, task_root: str = "", kit: KitConfig | None = None) -> Task:
    """The task of that name. Raises ConfigError, naming those that there are, if there is none.

    The seed of an impossible variant, and a generated task, are made when they are asked for, inside `folder` (by
    default the user's cache). `kit` holds the arguments of a generated task.
    """
    own = [root for root in _own_roots(task_root) if _is_task(root, name)]
    if own:
        return _own(name, own)
    if name in KITS:
        examples = generate(name, kit or KitConfig()).write(folder or cache_folder() / "kits")
        return replace(_task(name, read_entries(examples)[name], examples / name), examples=examples)
    if name not in _entries():
        there = [*(own_names(task_root) if task_root else ()), *names()]
        raise ConfigError(f"task={name}: {allowed(name, there)}, or folder")
    entry = _entries()[name]
    base = name.removeprefix(PREFIX)
    original = EXAMPLES / base
    if name == base:
        return _task(name, entry, original)
    seed = (folder or cache_folder() / "seeds") / f"{name}-{entry.seed_sha256[:16]}"
    if difference(seed, entry.files):
        build(original / "workspace", CONTRADICTIONS[base], seed)
    return replace(_task(name, entry, original), seed=seed, impossible=True)


def check_seed(task: Task) -> None:
    """Raise ConfigError, naming the files, if the seed on disk is not the catalogue's own.

    One file too many, such as an implementation left behind, would spoil every run that starts from it.
    """
    apart = difference(task.seed, read_entries(task.examples)[task.name].files)
    if apart:
        raise ConfigError(
            f"seed of task {task.name} is not the catalogue's own ({apart}): restore {task.seed}, "
            f"or, if the change is meant, run {hash_command(task.examples)}"
        )


def hash_command(examples: Path) -> str:
    """Return the command that updates the catalogue of a folder of tasks."""
    return "harness tasks hash" + ("" if examples == EXAMPLES else f" --root {shlex.quote(str(examples))}")


def survey(examples: Path) -> dict[str, CatalogueEntry]:
    """The entry of every task that lies in the folder, as it is on disk now, and of its variant."""
    folders = task_folders(examples)
    for folder in folders:
        _require_parts(folder)
    result = {folder.relative_to(examples).as_posix(): describe(folder) for folder in folders}
    with tempfile.TemporaryDirectory() as work:
        for name in result.keys() & CONTRADICTIONS.keys() if examples == EXAMPLES else ():
            variant = Path(work, name)
            build(examples / name / "workspace", CONTRADICTIONS[name], variant)
            result[PREFIX + name] = describe(examples / name, variant)
    return result


def _own(name: str, own: Sequence[Path]) -> Task:
    """A task of the user's own, which no other may share its name with: records would take them for one."""
    places = [*(str(root) for root in own), *(["the bundled tasks"] if name in names() else [])]
    if len(places) > 1:
        raise ConfigError(f"task={name}: lies in {' and in '.join(places)}: rename one of the folders")
    [root] = own
    _require_parts(root / name)
    entry = read_entries(root).get(name) if os.path.exists(f"{root}/{CATALOGUE}") else None  # noqa: PTH110
    if entry is None:
        raise ConfigError(f"task={name}: {root / CATALOGUE} does not know it yet: run {hash_command(root)}")
    return replace(_task(name, entry, root / name), label=name, examples=root)


def _require_parts(folder: Path) -> None:
    """Raises ConfigError for the folder of a task without a prompt, or without a module to start from."""
    if not os.path.isdir(f"{folder}/workspace"):  # noqa: PTH112 - a sweep loads thousands of tasks before it starts
        raise ConfigError(f"{folder}: has no folder workspace, which a run starts from")
    with open(f"{folder}/{PROMPT}", "rb") as file:  # noqa: PTH123
        if not any(line.strip() for line in file):
            raise ConfigError(f"{folder / PROMPT}: is empty: must hold the prompt")


def _task(name: str, entry: CatalogueEntry, folder: Path) -> Task:
    """The task whose files lie in a folder."""
    solution = folder / "solution"
    notes = read_notes(folder) if os.path.exists(f"{folder}/{NOTES}") else None  # noqa: PTH110
    return Task(
        name=name,
        label=f"examples/{name}/PROMPT.md",
        prompt=folder / "PROMPT.md",
        seed=folder / "workspace",
        solution=solution if solution.is_dir() else None,
        seed_sha256=entry.seed_sha256,
        verify=entry.verify,
        writable=frozenset(notes.writable) if notes else frozenset(),
        set=notes.set if notes else "",
        public=notes is not None and notes.public,
        difficulty=notes.difficulty if notes else None,
    )


@cache
def _entries() -> Mapping[str, CatalogueEntry]:
    return read_entries(EXAMPLES)
