"""Knowledge of a simulated subject: working packages, as the weights of a real model know Go."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

IMPORT = re.compile(r'^\s*(?:import\s+)?(?:\w+\s+)?"([^"\n]+)"\s*$', re.MULTILINE)
FUNCTION = re.compile(r"^func ([A-Z]\w*)", re.MULTILINE)
MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)

FAMILIAR = 0.7
"""Share of an exercise's names that a text must hold to be about that exercise."""


@dataclass(frozen=True)
class PackageKnowledge:
    """One package: how to write it, and which packages of its module it builds on."""

    folder: str
    files: Mapping[str, str]
    """Text by path from the module's root."""
    needs: frozenset[str]
    """Folders of the packages that it imports."""
    level: int = 0
    """Number of layers of the module's packages beneath it."""

    @property
    def name(self) -> str:
        return self.folder.rpartition("/")[2]

    @property
    def composes(self) -> bool:
        """True if it combines several packages, which is harder than to build on one."""
        return len(self.needs) > 1


@dataclass(frozen=True)
class Exercise:
    """One module."""

    module: str
    packages: tuple[PackageKnowledge, ...]
    """Each after those that it needs."""

    @cached_property
    def names(self) -> frozenset[str]:
        """Names that identify the exercise: its packages, and the functions that they export."""
        texts = [text for package in self.packages for text in package.files.values()]
        functions = {name for text in texts for name in FUNCTION.findall(text)}
        return frozenset(functions | {package.name for package in self.packages if package.folder != "."})

    def folder_of(self, import_path: str) -> str:
        """The folder of a package of this module, from the root."""
        return import_path.removeprefix(self.module).strip("/") or "."


class KnowledgeError(ValueError):
    """A folder that nothing can be learnt from; its text is one line."""


class Knowledge:
    """Every exercise that a subject can do."""

    def __init__(self, exercises: tuple[Exercise, ...]) -> None:
        self._exercises = exercises

    @classmethod
    def load(cls, *roots: Path) -> "Knowledge":
        """Read the solution of every task in folders of tasks; what the tasks are called is not kept.

        Raises KnowledgeError if there is none.
        """
        folders = sorted(path.parent for root in roots for path in root.glob("*/solution"))
        exercises = tuple(exercise for folder in folders if (exercise := _exercise(folder)).packages)
        if not exercises:
            raise KnowledgeError(f"{', '.join(map(str, roots))} holds no task with a solution to know")
        return cls(exercises)

    def recognise(self, text: str) -> Exercise | None:
        """The exercise that a text is about, by the names in it."""
        words = _words(text)
        best = max(self._exercises, key=lambda exercise: _overlap(exercise, words), default=None)
        return best if best is not None and _overlap(best, words)[0] >= FAMILIAR else None


def _overlap(exercise: Exercise, words: frozenset[str]) -> tuple[float, int]:
    found = len(exercise.names & words)
    return found / len(exercise.names), found


@lru_cache(maxsize=64)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))


def _exercise(task: Path) -> Exercise:
    declared = MODULE.search((task / "workspace" / "go.mod").read_text())
    module = declared[1] if declared else ""
    folders: dict[str, dict[str, str]] = {}
    for path in sorted((task / "solution").rglob("*.go")):
        name = path.relative_to(task / "solution")
        folders.setdefault(name.parent.as_posix(), {})[name.as_posix()] = path.read_text()
    packages = [PackageKnowledge(folder, files, _needs(folder, files, module)) for folder, files in folders.items()]
    return Exercise(module, tuple(_ordered(packages)))


def _needs(folder: str, files: Mapping[str, str], module: str) -> frozenset[str]:
    imported = {path for text in files.values() for path in IMPORT.findall(text) if path.startswith(module + "/")}
    return frozenset(path.removeprefix(module + "/") for path in imported) - {folder}


def _ordered(packages: list[PackageKnowledge]) -> Iterator[PackageKnowledge]:
    """Each package after those that it needs, otherwise as they come."""
    left, level = list(packages), 0
    while left:
        waiting = {package.folder for package in left}
        ready = [package for package in left if not package.needs & waiting] or left
        yield from (replace(package, level=level) for package in ready)
        left, level = [package for package in left if package not in ready], level + 1
