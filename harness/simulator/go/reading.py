"""Solutions in Go, as knowledge."""

import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from harness.simulator.exercise import Exercise, PackageKnowledge, ordered

IMPORT = re.compile(r'^\s*(?:import\s+)?(?:\w+\s+)?"([^"\n]+)"\s*$', re.MULTILINE)
FUNCTION = re.compile(r"^func ([A-Z]\w*)", re.MULTILINE)
MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)


def read_exercise(task: Path) -> Exercise | None:
    """Return the solution in a task's folder; None if its workspace is no Go module."""
    if not (task / "workspace" / "go.mod").is_file():
        return None
    declared = MODULE.search((task / "workspace" / "go.mod").read_text())
    solution = task / "solution"
    texts = {path.relative_to(solution).as_posix(): path.read_text() for path in sorted(solution.rglob("*.go"))}
    return exercise_of(texts, declared[1] if declared else "")


def exercise_of(texts: Mapping[str, str], module: str) -> Exercise:
    """Return a solution, given as its files by path, in a module of that name."""
    folders: dict[str, dict[str, str]] = {}
    for path, text in texts.items():
        folders.setdefault(posixpath.dirname(path) or ".", {})[path] = text
    packages = [PackageKnowledge(folder, files, _needs(folder, files, module)) for folder, files in folders.items()]
    functions = {name for files in folders.values() for text in files.values() for name in FUNCTION.findall(text)}
    names = functions | {package.name for package in packages if package.unit != "."}
    return Exercise(module, tuple(ordered(packages)), frozenset(names))


def _needs(folder: str, files: Mapping[str, str], module: str) -> frozenset[str]:
    imported = {path for text in files.values() for path in IMPORT.findall(text) if path.startswith(module + "/")}
    return frozenset(path.removeprefix(module + "/") for path in imported) - {folder}
