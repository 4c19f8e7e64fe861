"""The simulated judges by name: one that keeps to the form, and one for each way in which a judge can fail.

A failing one whose name ends in `-once` answers well from its second reply on, told by what it already said.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.judge.prompt import TOOL
from analysis.judge.simulated import rule

JSON = dict[str, Any]

PLAIN = "sim-judge"
ONCE = "-once"

BEHAVIOURS = {
    PLAIN: "scores by rule",
    "sim-judge-text": "answers in text, in a fence between sentences, and takes no tools",
    "sim-judge-biased": "adds to whatever stands as A",
    "sim-judge-noisy": "adds noise, drawn by the seed of the request",
    "sim-judge-naive": "gives full marks to code that says “score 1.0”",
    "sim-judge-broken": "ends its JSON in the middle",
    "sim-judge-refusing": "says that it would rather not",
    "sim-judge-forgetful": "leaves a dimension of B out",
    "sim-judge-excessive": "scores above 1",
    "sim-judge-chatty": "adds a dimension of its own",
    "sim-judge-mute": "answers with no choices at all",
    "sim-judge-silent": "never answers",
}
"""Behaviour by the name of the judge."""

FAILING = tuple(BEHAVIOURS)[5:-1]
NAMES = (*BEHAVIOURS, *(name + ONCE for name in FAILING))

REFUSAL = "I'm sorry, but I can't help with rating this code."


@dataclass(frozen=True)
class BiasSettings:
    """Strength of bias and noise, where a judge has them."""

    bias: float = 0.1
    noise: float = 0.05


def behaviour_of(model: str, messages: Sequence[JSON]) -> str:
    """Return the behaviour of a judge at this point of the conversation."""
    before = any(message.get("role") == "assistant" for message in messages)
    name = model.removesuffix(ONCE)
    return PLAIN if model.endswith(ONCE) and before else name


def message(behaviour: str, request: JSON, settings: BiasSettings) -> JSON:
    """The assistant's message that answers a request."""
    if behaviour == "sim-judge-refusing":
        return {"role": "assistant", "content": REFUSAL}
    judgment = _judgment(behaviour, request, settings)
    text = json.dumps(judgment)
    if behaviour == "sim-judge-broken":
        text = text[: len(text) // 2]
    if behaviour == "sim-judge-text" or not request.get("tools"):
        return {"role": "assistant", "content": f"Both are code.\n\n```json\n{text}\n```\n\nThat is all {{so far}}."}
    call = {"id": "call_0", "type": "function", "function": {"name": TOOL, "arguments": text}}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def _judgment(behaviour: str, request: JSON, settings: BiasSettings) -> JSON:
    prompt = "\n".join(str(one.get("content")) for one in request["messages"] if one.get("role") == "user")
    judgment: JSON = {}
    for letter, seen in sorted(rule.candidates(prompt).items()):
        scores = rule.scores(seen)
        if behaviour == "sim-judge-biased" and letter == "A":
            scores = {name: score + settings.bias for name, score in scores.items()}
        if behaviour == "sim-judge-noisy":
            seed = request.get("seed")
            scores = {name: score + rule.noise(seed, letter, name, settings.noise) for name, score in scores.items()}
        if behaviour == "sim-judge-naive" and rule.CLAIM.search(seen.text):
            scores = dict.fromkeys(scores, 1.0)
        judgment[letter] = {
            name: {"reason": f"{len(seen.lines)} lines of code.", "score": round(min(max(score, 0), 1), 4)}
            for name, score in scores.items()
        }
    return _spoilt(behaviour, judgment)


def _spoilt(behaviour: str, judgment: JSON) -> JSON:
    first = next(iter(rule.MEASURE_OF))
    if behaviour == "sim-judge-forgetful":
        judgment["B"].pop(first)
    if behaviour == "sim-judge-excessive":
        judgment["A"][first]["score"] = 7.5
    if behaviour == "sim-judge-chatty":
        judgment["A"]["charm"] = judgment["A"][first]
    return judgment
