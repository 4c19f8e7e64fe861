"""`harness tasks import KIND SOURCE`: tasks of others, read from the user's own copy."""

from argparse import ArgumentParser, Namespace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

from harness.config import ConfigError
from harness.tasks.imports.bundle import TaskBundle
from harness.tasks.imports.exercism import VERIFY, exercises, origin_of, read_exercise
from harness.tasks.imports.fitness import ImportedTask, Source, import_all
from harness.tasks.imports.folders import read_folder, task_folders
from harness.tasks.imports.humaneval import problems, read_problem

KINDS = ("exercism", "humaneval", "folder")


def add_arguments(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("kind", choices=KINDS, help="what is imported")
    parser.add_argument(
        "source",
        type=Path,
        metavar="SOURCE",
        help="checkout of a track or of the polyglot benchmark; JSON lines of HumanEval; or a folder of folders",
    )
    parser.add_argument("--track", default="", metavar="TRACK", help=f"exercism: only {' or '.join(VERIFY)}")
    parser.add_argument("--only", default="", metavar="NAMES", help="names or patterns such as b*, with commas")
    parser.add_argument("--to", default="tasks", type=Path, metavar="ROOT", help="folder of tasks, by default tasks")
    parser.add_argument("--set", default="", metavar="NAME", help="folder: name of the set, by default the folder's")
    parser.add_argument("--verify", default="", metavar="COMMAND", help="folder: the command that decides")


def import_tasks(arguments: Namespace) -> int:
    """Import what the arguments name, print a line for each task, and return the exit code.

    0 if at least one task was imported, 1 if none was fit. Raises ConfigError for a wrong request.
    """
    found = _source(arguments)
    if not found:
        raise ConfigError(f"{arguments.source}: holds no task")
    source = _chosen(found, arguments.only)
    results: list[ImportedTask] = []
    for result in import_all(source, arguments.to):
        results.append(result)
        said = result.reason and f"unfit   {result.name}: {result.reason}"
        print(said or f"ok      {result.name}{result.remark and f' ({result.remark})'}", flush=True)
    fit = sum(not result.reason for result in results)
    print(f"{fit} of {len(results)} tasks imported to {arguments.to}; use them with task_root={arguments.to} task=NAME")
    return 0 if fit else 1


def _source(arguments: Namespace) -> list[tuple[str, partial[TaskBundle]]]:
    path = arguments.source
    for option in ("set", "verify") if arguments.kind != "folder" else ():
        if getattr(arguments, option):
            raise ConfigError(f"--{option}: only with import folder")
    if arguments.kind != "exercism" and arguments.track:
        raise ConfigError("--track: only with import exercism")
    if arguments.kind == "exercism":
        if not path.is_dir():
            raise ConfigError(f"{path}: must be a folder that exists")
        origin = origin_of(path)
        matches = exercises(path, arguments.track)
        return [(one.name, partial(read_exercise, one, path, origin)) for one in matches]
    if arguments.kind == "humaneval":
        return [(f"humaneval/{name}", partial(read_problem, problem, path)) for name, problem in problems(path)]
    name = arguments.set or path.resolve().name
    return [(f"{name}/{one.name}", partial(read_folder, one, name, arguments.verify)) for one in task_folders(path)]


def _chosen(source: list[tuple[str, partial[TaskBundle]]], only: str) -> Source:
    patterns = [pattern for pattern in only.split(",") if pattern]
    chosen = [
        (name, read)
        for name, read in source
        if not patterns or any(fnmatchcase(name, f"*/{one}") or fnmatchcase(name, one) for one in patterns)
    ]
    if not chosen:
        raise ConfigError(
            f"--only {only}: no task is named so; there are {', '.join(name for name, _ in source[:10])}, …"
        )
    return chosen
