"""Knowledge of the generated tasks: their solutions, each recognised by its whole prompt alone."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from harness.simulator.exercise import Exercise
from harness.simulator.go.language import GO
from harness.simulator.go.reading import exercise_of as read_go
from harness.simulator.language import Language
from harness.simulator.python.language import PYTHON
from harness.simulator.python.reading import exercise_of as read_python
from harness.tasks.kit.generated import GO_KIT, PYTHON_KIT, contracts
from harness.tasks.kit.golang import MODULE


@cache
def generated_exercises() -> dict[Language, tuple[Exercise, ...]]:
    """Return the solution of every generated task, by language."""
    return {GO: tuple(_in_go()), PYTHON: tuple(_in_python())}


def _in_go() -> Iterator[Exercise]:
    for contract in contracts(GO_KIT):
        yield replace(read_go(contract.solution, MODULE), names=frozenset(), prompt=contract.prompt.strip())


def _in_python() -> Iterator[Exercise]:
    for contract in contracts(PYTHON_KIT):
        yield replace(read_python(contract.solution), names=frozenset(), prompt=contract.prompt.strip())
