"""What a run needs of its server, looked at one thing at a time."""

import json
from collections.abc import Sequence
from typing import Any

from harness.config import ModelConfig
from harness.llm.text import printable
from harness.llm.types import JSON, ModelError
from harness.servers.asking import Answer, Asker
from harness.servers.facts import Facts, is_named
from harness.servers.finding import Finding, Verdict

TRIES = 2
"""Times that a model is asked for a tool call: one that is sampled may miss once."""

NUMBER = 7

CANNED: JSON = {
    "type": "function",
    "function": {
        "name": "report_number",
        "description": "Report a number.",
        "parameters": {
            "type": "object",
            "properties": {"number": {"type": "integer", "description": "The number to report."}},
            "required": ["number"],
        },
    },
}
REQUEST = f"Call the tool report_number once, with the number {NUMBER}. Say nothing else."

WORDS = "Write forty random English words, separated by spaces."
SAMPLED = 48
"""Tokens of each sample that tells whether seeds are honoured."""


def reachable(facts: Facts) -> Finding:
    """Whether anybody answers."""
    if facts.unreachable is None and facts.silent:
        slow = f"yes, but not in time at {', '.join(facts.silent)}"
        return Finding("reachable", Verdict.WARN, slow, "what is told there is taken as unknown")
    if facts.unreachable is None:
        return Finding("reachable", Verdict.OK, "yes")
    return Finding("reachable", Verdict.FAIL, facts.unreachable, "start the server, or correct model.endpoint")


def listed(facts: Facts, model: ModelConfig) -> Finding:
    """Whether the server has the model."""
    if facts.models is None:
        return Finding("model", Verdict.WARN, "the server lists no models")
    if any(is_named(name, model.name) for name in facts.models):
        return Finding("model", Verdict.OK, model.name)
    names = ", ".join(facts.models[:10])
    if len(facts.models) == 1:
        return Finding("model", Verdict.WARN, f"the only model is {names}", "correct model.name, for the record's sake")
    return Finding("model", Verdict.FAIL, f"{model.name} is not among {names}", "load it, or correct model.name")


def tools(asker: Asker) -> tuple[Finding, Answer | None]:
    """Whether a call of a tool arrives as one; beside it the answer, which tells more."""
    answer = None
    for _ in range(TRIES):
        try:
            answer = asker.ask(REQUEST, tools=[CANNED])
        except ModelError as error:
            return Finding("tool call", Verdict.FAIL, str(error), "make the server answer this request"), None
        if answer.reply.tool_calls:
            return _called(answer, asker.model), answer
    came = printable(answer.text) if answer is not None else ""
    found = f'none was made, but this came: "{came}"' if came else "none was made, and no text came"
    return Finding("tool call", Verdict.FAIL, found, "switch on the server's parser of tool calls"), answer


def _called(answer: Answer, model: ModelConfig) -> Finding:
    [call, *_] = answer.reply.tool_calls
    try:
        number = json.loads(call.arguments).get("number")
    except (ValueError, AttributeError):
        number = None
    if answer.server.get("salvaged_calls"):
        verdict = Verdict.WARN if model.salvage else Verdict.FAIL
        return Finding("tool call", verdict, "it came as text", "switch on the server's parser of tool calls")
    if call.name != "report_number" or number != NUMBER:
        strange = f"a strange one came: {printable(call.name)} {printable(call.arguments)}"
        return Finding("tool call", Verdict.WARN, strange)
    return Finding("tool call", Verdict.OK, "native")


def reasoning(answer: Answer) -> Finding:
    """How the model's reasoning is told apart; it may have none."""
    field = answer.server.get("reasoning")
    return Finding("reasoning", Verdict.OK, f"told as {field}" if field else "none seen")


def usage(answer: Answer) -> Finding:
    """Whether tokens are counted by the server."""
    if answer.reply.usage.estimated:
        return Finding("usage", Verdict.WARN, "not told: tokens are estimated from bytes, ctx_limit with them")
    cached = answer.reply.usage.cached_tokens
    return Finding("usage", Verdict.OK, "told" + (f", {cached} tokens from the cache" if cached else ""))


def seeds(asker: Asker) -> tuple[Finding, Sequence[Answer]]:
    """Whether the same seed gives the same words, and another one others."""
    flat: dict[str, Any] = {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0}
    try:
        answers = [asker.ask(WORDS, max_tokens=SAMPLED, seed=seed, **flat) for seed in (1, 1, 2)]
    except ModelError as error:
        return Finding("seed", Verdict.WARN, str(error)), ()
    first, again, other = (answer.text for answer in answers)
    if any("seed" in answer.server.get("dropped_fields", ()) for answer in answers):
        return Finding("seed", Verdict.WARN, "refused: runs cannot be repeated"), answers
    if first != again:
        return Finding("seed", Verdict.WARN, "not honoured: runs cannot be repeated"), answers
    if first == other:
        return Finding("seed", Verdict.WARN, "cannot be told: another seed gave the same words"), answers
    return Finding("seed", Verdict.OK, "honoured"), answers


def speed(answers: Sequence[Answer]) -> Finding:
    """Tokens generated a second, the reading of a short prompt included."""
    tokens = sum(answer.reply.usage.completion_tokens for answer in answers)
    seconds = sum(answer.seconds for answer in answers)
    rate = tokens / seconds if seconds else 0.0
    return Finding("speed", Verdict.OK if rate else Verdict.WARN, f"{rate:.1f} tokens a second")
