"""Exercises that a simulated subject knows how to do."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class PackageKnowledge:
    """One unit of an exercise, a package or a module: how to write it, and which other units it builds on."""

    unit: str
    files: Mapping[str, str]
    """Text by path from the workspace's root."""
    needs: frozenset[str]
    """Units that it imports."""
    level: int = 0
    """Number of layers of the exercise's units beneath it."""

    @property
    def name(self) -> str:
        return self.unit.rpartition("/")[2]

    @property
    def composes(self) -> bool:
        """True if it combines several units, which is harder than to build on one."""
        return len(self.needs) > 1


@dataclass(frozen=True)
class Exercise:
    """One task's solution."""

    module: str
    """Name under which the units import each other; empty where there is none."""
    packages: tuple[PackageKnowledge, ...]
    """Each after those that it needs."""
    names: frozenset[str]
    """Names that identify the exercise: its units, and what they export."""
    prompt: str = ""
    """The whole text of the task, which identifies it where no name does; empty where there is none."""


def ordered(packages: Iterable[PackageKnowledge]) -> Iterator[PackageKnowledge]:
    """Return each unit after those that it needs, otherwise as they come."""
    left, level = list(packages), 0
    while left:
        waiting = {package.unit for package in left}
        ready = [package for package in left if not package.needs & waiting] or left
        yield from (replace(package, level=level) for package in ready)
        left, level = [package for package in left if package not in ready], level + 1
