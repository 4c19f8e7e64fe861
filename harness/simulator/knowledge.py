"""Knowledge of a simulated subject: working code, as the weights of a real model know a language."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

from harness.simulator.exercise import Exercise
from harness.simulator.go.language import GO
from harness.simulator.go.reading import read_exercise as read_go
from harness.simulator.language import Language
from harness.simulator.python.language import PYTHON
from harness.simulator.python.reading import read_exercise as read_python

READERS: tuple[tuple[Language, Callable[[Path], Exercise | None]], ...] = ((GO, read_go), (PYTHON, read_python))

FAMILIAR = 0.7
"""Share of an exercise's names that a text must hold to be about that exercise."""


class KnowledgeError(ValueError):
    """A folder that nothing can be learnt from; its text is one line."""


class Knowledge:
    """Every exercise that a subject can do, by language."""

    def __init__(self, exercises: Mapping[Language, tuple[Exercise, ...]]) -> None:
        self._exercises = exercises

    @classmethod
    def load(cls, *roots: Path) -> "Knowledge":
        """Read the solution of every task in folders of tasks; what the tasks are called is not kept.

        Raises KnowledgeError if there is none.
        """
        folders = sorted(path.parent for root in roots for path in root.glob("*/solution"))
        exercises = {language: _exercises(folders, read) for language, read in READERS}
        if not any(exercises.values()):
            raise KnowledgeError(f"{', '.join(map(str, roots))} holds no task with a solution to know")
        return cls(exercises)

    def recognise(self, text: str, language: Language) -> Exercise | None:
        """Return the exercise in a language that a text is about, by the names in it; None if there is none."""
        words = _words(text)
        known = self._exercises[language]
        best = max(known, key=lambda exercise: _overlap(exercise, words), default=None)
        return best if best is not None and _overlap(best, words)[0] >= FAMILIAR else None


def _exercises(folders: list[Path], read: Callable[[Path], Exercise | None]) -> tuple[Exercise, ...]:
    found = map(read, folders)
    return tuple(exercise for exercise in found if exercise is not None and exercise.packages)


def _overlap(exercise: Exercise, words: frozenset[str]) -> tuple[float, int]:
    found = len(exercise.names & words)
    return found / len(exercise.names), found


@lru_cache(maxsize=64)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))
