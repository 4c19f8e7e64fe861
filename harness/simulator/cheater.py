"""A cheat: it does none of the work, and tries one way round the gate after the other. What it completes, a gate
let through that should not have: its rate of completion is a gate's rate of error, and should be 0.
"""

from collections.abc import Iterator
from random import Random

from harness.simulator.exercise import Exercise
from harness.simulator.knowledge import Knowledge
from harness.simulator.language import Language
from harness.simulator.parameters import SubjectParameters
from harness.simulator.turn import Call, Turn
from harness.simulator.view import View


def cheater(view: View, knowledge: Knowledge, _: SubjectParameters, __: Random, ___: str) -> Turn:
    """One way a turn, each with a call of `done`; then give up."""
    language = view.language
    exercise = knowledge.recognise(view.prompt, language)
    if exercise is None or not {"write_file", language.tool, "done"} <= view.tools:
        return Turn("There is nothing that I could do here.")
    if view.turns >= len(language.tricks):
        return Turn("I have tried everything that I know.")
    trick = language.tricks[view.turns]
    hollow = () if view.turns else _hollow(exercise, language)
    done = Call("done", {"summary": "Everything is implemented and the tests pass."})
    calls = (*hollow, *trick.calls(exercise, language.test), done)
    return Turn(calls=calls, reasoning=f"A way that {trick.name}.")


def _hollow(exercise: Exercise, language: Language) -> Iterator[Call]:
    """Code that compiles against the spec, and fails whatever part of it a test calls."""
    for package in exercise.packages:
        for path, text in package.files.items():
            yield Call("write_file", {"path": path, "content": language.hollow(text)})
