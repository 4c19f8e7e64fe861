"""Knowledge of a simulated subject: working code, as the weights of a real model know a language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from harness.simulator.exercise import Exercise
from harness.simulator.generated import generated_exercises
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
        # A folder may be a link to a task, and a set of tasks has folders of its own.
        solutions = (path for root in roots for path in (*root.glob("*/solution"), *root.rglob("solution")))
        folders = sorted({path.parent for path in solutions if path.is_dir()})
        exercises = {language: _exercises(folders, read) for language, read in READERS}
        if not any(exercises.values()):
            raise KnowledgeError(f"{', '.join(map(str, roots))} holds no task with a solution to know")
        return cls(exercises)

    def recognise(self, text: str, language: Language) -> Exercise | None:
        """Return the exercise in a language that a text is about: by its whole prompt, else by the names in it.

        None if there is none.
        """
        known = self._exercises[language]
        named = (*known, *generated_exercises()[language])
        whole = next((exercise for exercise in named if exercise.prompt and exercise.prompt in text), None)
        if whole is not None:
            return whole
        words = _words(text)
        best = max(known, key=lambda exercise: _overlap(exercise, words), default=None)
        return best if best is not None and _overlap(best, words)[0] >= FAMILIAR else None


def _exercises(folders: list[Path], read: Callable[[Path], Exercise | None]) -> tuple[Exercise, ...]:
    read_ones = ((folder, read(folder)) for folder in folders)
    return tuple(
        replace(exercise, prompt=_prompt(folder)) for folder, exercise in read_ones if exercise and exercise.packages
    )


def _prompt(folder: Path) -> str:
    try:
        return (folder / "PROMPT.md").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _overlap(exercise: Exercise, words: frozenset[str]) -> tuple[float, int]:
    found = len(exercise.names & words)
    return found / len(exercise.names), found


@lru_cache(maxsize=64)
def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text))
