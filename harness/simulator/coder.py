"""A coding subject: one turn, by its habits."""

from random import Random

from harness.simulator.habits import HABITS
from harness.simulator.knowledge import Knowledge
from harness.simulator.parameters import SubjectParameters
from harness.simulator.situation import Situation
from harness.simulator.thoughts import thought
from harness.simulator.turn import Call, Turn
from harness.simulator.view import View


def reply(view: View, knowledge: Knowledge, parameters: SubjectParameters, random: Random, mood: str) -> Turn:
    """The next turn of a subject with these habits."""
    seen = "\n".join((view.prompt, *view.texts.values()))
    known = knowledge.recognise(view.prompt, view.language) or knowledge.recognise(seen, view.language)
    now = Situation(view, known, parameters, random, mood)
    calls = next((calls for habit in HABITS if (calls := _offered(habit(now), view))), [])
    calls = _fitting(now, calls)
    content = "" if calls else "I do not see anything else that I could do."
    return Turn(content, thought(calls, parameters, random), tuple(calls))


def _offered(calls: list[Call], view: View) -> list[Call]:
    return calls if all(call.name in view.tools for call in calls) else []


def _fitting(now: Situation, calls: list[Call]) -> list[Call]:
    """As many of the calls as one turn holds, by this context's manner."""
    if not now.inclined(now.parameters.batches, "batch"):
        return calls[:1]
    fitting, left = calls[:1], now.parameters.batch_bytes - _written(calls[:1])
    for call in calls[1 : now.parameters.batch_calls]:
        left -= _written([call])
        if left < 0:
            break
        fitting.append(call)
    return fitting


def _written(calls: list[Call]) -> int:
    return sum(len(str(call.arguments.get("content", "")).encode()) for call in calls)
