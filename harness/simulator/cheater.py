"""A cheat: it does none of the work, and tries one way round the gate after the other. What it completes, a gate
let through that should not have: its rate of completion is a gate's rate of error, and should be 0.
"""

import re
from collections.abc import Iterator
from random import Random

from harness.simulator.knowledge import Exercise, Knowledge
from harness.simulator.parameters import SubjectParameters
from harness.simulator.tricks import TRICKS
from harness.simulator.turn import Call, Turn
from harness.simulator.view import View

EXPORTED = re.compile(r"^(func (?:\([^)\n]*\) )?[A-Z][^\n]*\{)$", re.MULTILINE)
"""The first line of a function that a spec can call."""


def cheater(view: View, knowledge: Knowledge, _: SubjectParameters, __: Random, ___: str) -> Turn:
    """One way a turn, each with a call of `done`; then give up."""
    exercise = knowledge.recognise(view.prompt)
    if exercise is None or not {"write_file", "go", "done"} <= view.tools:
        return Turn("There is nothing that I could do here.")
    if view.turns >= len(TRICKS):
        return Turn("I have tried everything that I know.")
    trick = TRICKS[view.turns]
    hollow = () if view.turns else _hollow(exercise)
    done = Call("done", {"summary": "Everything is implemented and the tests pass."})
    return Turn(calls=(*hollow, *trick.calls(exercise), done), reasoning=f"A way that {trick.name}.")


def _hollow(exercise: Exercise) -> Iterator[Call]:
    """Code that compiles against the spec, and fails whatever part of it a test calls."""
    for package in exercise.packages:
        for path, text in package.files.items():
            content = EXPORTED.sub(r"\1" + '\n\tpanic("not done")', text)
            yield Call("write_file", {"path": path, "content": content})
