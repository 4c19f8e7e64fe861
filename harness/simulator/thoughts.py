"""Reasoning: plausible in length, and worth nothing. It is counted, and never comes back to the subject."""

import math
from random import Random

from harness.simulator.parameters import SubjectParameters
from harness.simulator.tokens import BYTES_PER_TOKEN
from harness.simulator.turn import Call

SENTENCES = (
    "Let me see what {subject} tells before going on. ",
    "The spec has to hold for {subject}, so the details matter here. ",
    "I should check how {subject} fits in with the other packages. ",
    "Wait, the order of the results in {subject} may be part of the contract. ",
    "The empty case in {subject} needs care as well. ",
    "So the next step is {subject}, and then the tests. ",
)
ACTS = ("write_file", "edit_file")


def thought(calls: list[Call], parameters: SubjectParameters, random: Random) -> str:
    """Return the reasoning before a turn with these calls."""
    acts = any(call.name in ACTS for call in calls)
    median = parameters.thought_acting if acts else parameters.thought_looking
    if median == 0:
        return ""
    length = int(median * math.exp(random.gauss(0, parameters.thought_spread)) * BYTES_PER_TOKEN)
    subject = str(calls[0].arguments.get("path", "the task")) if calls else "the task"
    text = ""
    while len(text) < length:
        text += random.choice(SENTENCES).format(subject=subject)
    return text[:length].rstrip()
