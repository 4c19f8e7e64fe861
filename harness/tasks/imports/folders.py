"""Import of any folder of tasks: each a folder with PROMPT.md, its files, and perhaps a solution."""

from pathlib import Path

from harness.config import ConfigError
from harness.tasks.imports.bundle import TaskBundle, UnfitTask, files_below, read_inside, require_name
from harness.tasks.notes import TaskNotes

APART = ("PROMPT.md", "workspace", "solution", "LICENSE", "task.json")
"""Entries of a task's folder that are no files of its seed."""


def task_folders(source: Path) -> list[Path]:
    """Return the folders that look like tasks. Raises ConfigError if there is none."""
    if not source.is_dir():
        raise ConfigError(f"{source}: must be a folder of folders, each with PROMPT.md")
    result = sorted(prompt.parent for prompt in source.glob("*/PROMPT.md"))
    if not result:
        raise ConfigError(f"{source}: holds no task: each is a folder with PROMPT.md, its tests, and perhaps solution/")
    return result


def read_folder(folder: Path, set_name: str, verify: str) -> TaskBundle:
    """Return a folder as a task: its seed is `workspace/`, or all that lies beside PROMPT.md and solution/.

    Raises UnfitTask, in one line, for a folder that is no task.
    """
    name = require_name(folder.name)
    try:
        prompt = read_inside(folder, "PROMPT.md").decode()
    except UnicodeDecodeError as error:
        raise UnfitTask("PROMPT.md is no UTF-8 text") from error
    if not prompt.strip():
        raise UnfitTask("PROMPT.md is empty")
    inner = folder / "workspace"
    if inner.is_dir() and not inner.is_symlink():
        seed = {path: read_inside(inner, path) for path in files_below(inner)}
    else:
        below = (path for path in files_below(folder) if path.split("/")[0] not in APART)
        seed = {path: read_inside(folder, path) for path in below}
    answer = folder / "solution"
    solution = {path: read_inside(answer, path) for path in files_below(answer)} if answer.is_dir() else {}
    if not seed:
        raise UnfitTask("has no files to start from")
    notes = TaskNotes(
        verify=verify or _verify(seed),
        set=set_name,
        # What the solution replaces, the subject must be able to write.
        writable=sorted(seed.keys() & solution.keys()),
        source=str(folder.resolve()),
    )
    licence = folder / "LICENSE"
    text = (
        licence.read_text(encoding="utf-8", errors="replace") if licence.is_file() and not licence.is_symlink() else ""
    )
    return TaskBundle(f"{set_name}/{name}", prompt, seed, solution, notes, text)


def _verify(seed: dict[str, bytes]) -> str:
    """Return the usual command for files like these. Raises UnfitTask if none is known."""
    if any(path.endswith("_test.go") for path in seed):
        return "go test ./..."
    names = [path.rsplit("/", 1)[-1] for path in seed if path.endswith(".py")]
    if any(name.startswith("test_") or name.endswith("_test.py") for name in names):
        return "python -m pytest"
    raise UnfitTask("has no tests of Go or Python: name the command that decides with --verify")
