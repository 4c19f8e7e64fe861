"""Controls: subjects whose outcome is known beforehand, so that a sweep can tell a broken set-up from a result."""

from collections.abc import Iterator
from random import Random

from harness.simulator.exercise import Exercise
from harness.simulator.knowledge import Knowledge
from harness.simulator.parameters import SubjectParameters
from harness.simulator.turn import Call, Turn
from harness.simulator.view import View


def oracle(view: View, knowledge: Knowledge, _: SubjectParameters, __: Random, ___: str) -> Turn:
    """Write the whole solution, call done, and stop at a refusal."""
    exercise = knowledge.recognise(view.prompt, view.language)
    if exercise is None or not {"write_file", "done"} <= view.tools:
        return Turn("There is nothing that I could do here.")
    writes = tuple(_writes(exercise, view))
    if writes:
        return Turn("I know this one.", calls=writes)
    if view.refusals == 0:
        return Turn(calls=(Call("done", {"summary": "The solution is in place."}),))
    return Turn("That is all I know.")


def nop(_: View, __: Knowledge, ___: SubjectParameters, ____: Random, _____: str) -> Turn:
    """Say something, and do nothing."""
    return Turn("There is nothing that I would do.")


def _writes(exercise: Exercise, view: View) -> Iterator[Call]:
    for package in exercise.packages:
        for path, text in package.files.items():
            if view.texts.get(path) != text and path not in view.refused:
                yield Call("write_file", {"path": path, "content": text})
