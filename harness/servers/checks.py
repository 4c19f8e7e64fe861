"""Checks of a server, one property at a time, and their findings."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from harness.config import ModelConfig, ToolsMode
from harness.llm.errors import ModelError, refused_field
from harness.llm.identity import is_named
from harness.llm.text import printable
from harness.llm.types import JSON
from harness.servers.facts import ServerFacts, settled
from harness.servers.probe import ProbeAnswer, ProbeClient
from harness.servers.sampling import SamplingStatus, read_back


class CheckVerdict(StrEnum):
    """Severity of a finding: whether runs can be made."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """Result of one check."""

    check: str
    verdict: CheckVerdict
    found: str
    remedy: str = ""
    tools: str | None = None
    """Way in which tools reach the model (native or text), if this check saw it."""

    def __str__(self) -> str:
        return f"{self.check}: {self.found}" + (f"; {self.remedy}" if self.remedy else "")


def failures(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings that prevent runs."""
    return (finding for finding in findings if finding.verdict is CheckVerdict.FAIL)


TRIES = 2
"""Requests for a tool call, because a sampled model may miss one."""

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
SECOND: JSON = {
    "type": "function",
    "function": {
        "name": "report_words",
        "description": "Report a list of words that were read, in the order in which they were read.",
        "parameters": {
            "type": "object",
            "properties": {
                "words": {"type": "array", "items": {"type": "string"}, "description": "The words to report, in order."}
            },
            "required": ["words"],
        },
    },
}
"""Offered beside the first tool in a second request. If the prompt is then no longer, tools never reach the model."""

REQUEST = f"Call the tool report_number once, with the number {NUMBER}. Say nothing else."

SWITCH_ON = "switch on the server's parser of tool calls"

WORDS = "Write forty random English words, separated by spaces."
SAMPLED = 48
"""Tokens of each sample in the check of seeds."""


def reachable(facts: ServerFacts) -> Finding:
    """Check that the server answers."""
    if facts.unreachable is None and facts.silent:
        slow = f"yes, but not in time at {', '.join(facts.silent)}"
        return Finding("reachable", CheckVerdict.WARN, slow, "what is told there is taken as unknown")
    if facts.unreachable is None:
        return Finding("reachable", CheckVerdict.OK, "yes")
    return Finding("reachable", CheckVerdict.FAIL, facts.unreachable, "start the server, or correct model.endpoint")


def listed(facts: ServerFacts, model: ModelConfig) -> Finding:
    """Check that the server has the model."""
    if facts.models is None:
        return Finding("model", CheckVerdict.WARN, "the server lists no models")
    if any(is_named(name, model.name) for name in facts.models):
        return Finding("model", CheckVerdict.OK, model.name)
    names = ", ".join(facts.models[:10])
    if len(facts.models) == 1:
        return Finding(
            "model", CheckVerdict.WARN, f"the only model is {names}", "correct model.name, for the record's sake"
        )
    return Finding("model", CheckVerdict.FAIL, f"{model.name} is not among {names}", "load it, or correct model.name")


def tools(probe: ProbeClient, facts: ServerFacts) -> tuple[Finding, ProbeAnswer | None]:
    """Check that a tool call arrives as one; also return the answer for later checks.

    With model.tools=auto tools are offered as text if the template has none, if the server refuses them, or if more
    tools do not make the prompt longer, because then they never reach the model.
    """
    wanted = probe.model.tools
    if settled(probe.model, facts) is ToolsMode.text:
        return _as_text(probe, "as model.tools says" if wanted is ToolsMode.text else "its chat template has no tools")
    answers: list[ProbeAnswer] = []
    for offered in ([CANNED], [CANNED, SECOND]):
        try:
            answers.append(probe.request(REQUEST, tools=offered))
        except ModelError as error:
            if wanted is ToolsMode.auto and refused_field(str(error), ["tools"]):
                return _as_text(probe, "the server refuses tools")
            return Finding("tool call", CheckVerdict.FAIL, str(error), "make the server answer this request"), None
        if answers[-1].reply.tool_calls:
            return _native_call(answers[-1], probe.model), answers[-1]
    if not _reach(answers) and wanted is ToolsMode.auto:
        return _as_text(probe, "tools never reach the model")
    remedy = SWITCH_ON if _reach(answers) else "tools never reach the model: set model.tools=text, or auto"
    return _no_call(answers[-1], remedy), answers[-1]


def _reach(answers: Sequence[ProbeAnswer]) -> bool:
    """Return True if more tools made a longer prompt, or if the server counts no tokens."""
    counted = [answer.reply.usage for answer in answers]
    return any(usage.estimated for usage in counted) or len({usage.prompt_tokens for usage in counted}) > 1


def _as_text(probe: ProbeClient, why: str) -> tuple[Finding, ProbeAnswer | None]:
    """Check a tool call with the tools described in the prompt. If none is made, the model itself fails to make one."""
    for _ in range(TRIES):
        try:
            answer = probe.request(REQUEST, tools=[CANNED], tools_mode=ToolsMode.text)
        except ModelError as error:
            return Finding("tool call", CheckVerdict.FAIL, str(error), "make the server answer this request"), None
        if answer.reply.tool_calls:
            result = f"as text ({why})" if _is_canned(answer) else f"as text ({why}): {_strange(answer)}"
            verdict = CheckVerdict.OK if _is_canned(answer) else CheckVerdict.WARN
            return Finding("tool call", verdict, result, tools=ToolsMode.text.value), answer
    missed = _no_call(answer, "the model may be too small to call tools")
    result = f"as text ({why}): {missed.found}"
    return replace(missed, verdict=CheckVerdict.WARN, found=result, tools=ToolsMode.text.value), answer


def _no_call(answer: ProbeAnswer, remedy: str) -> Finding:
    text = printable(answer.text)
    result = f'none was made, but this came: "{text}"' if text else "none was made, and no text came"
    return Finding("tool call", CheckVerdict.FAIL, result, remedy)


def _native_call(answer: ProbeAnswer, model: ModelConfig) -> Finding:
    if any(call.form for call in answer.reply.tool_calls):
        verdict = CheckVerdict.WARN if model.salvage else CheckVerdict.FAIL
        return Finding("tool call", verdict, "it came as text", SWITCH_ON, tools=ToolsMode.native.value)
    if not _is_canned(answer):
        return Finding("tool call", CheckVerdict.WARN, _strange(answer), tools=ToolsMode.native.value)
    return Finding("tool call", CheckVerdict.OK, "native", tools=ToolsMode.native.value)


def _is_canned(answer: ProbeAnswer) -> bool:
    [call, *_] = answer.reply.tool_calls
    try:
        number = json.loads(call.arguments).get("number")
    except (ValueError, AttributeError, RecursionError):
        number = None
    return call.name == "report_number" and number == NUMBER


def _strange(answer: ProbeAnswer) -> str:
    [call, *_] = answer.reply.tool_calls
    return f"a strange one came: {printable(call.name)} {printable(call.arguments)}"


def reasoning(answer: ProbeAnswer) -> Finding:
    """Check how the model's reasoning arrives; it may have none."""
    field = answer.server.get("reasoning")
    return Finding("reasoning", CheckVerdict.OK, f"told as {field}" if field else "none seen")


def usage(answer: ProbeAnswer) -> Finding:
    """Check that the server counts tokens."""
    if answer.reply.usage.estimated:
        return Finding("usage", CheckVerdict.WARN, "not told: tokens are estimated from bytes, ctx_limit with them")
    cached = answer.reply.usage.cached_tokens
    return Finding("usage", CheckVerdict.OK, "told" + (f", {cached} tokens from the cache" if cached else ""))


def seeds(probe: ProbeClient) -> tuple[Finding, Sequence[ProbeAnswer]]:
    """Check that the same seed gives the same words, and another seed others."""
    flat: dict[str, Any] = {"temperature": 1.0, "top_p": 1.0, "top_k": 0, "min_p": 0.0}
    try:
        answers = [probe.request(WORDS, max_tokens=SAMPLED, seed=seed, **flat) for seed in (1, 1, 2)]
    except ModelError as error:
        return Finding("seed", CheckVerdict.WARN, str(error)), ()
    first, again, other = (answer.text for answer in answers)
    if any("seed" in answer.server.get("dropped_fields", ()) for answer in answers):
        return Finding("seed", CheckVerdict.WARN, "refused: runs cannot be repeated"), answers
    if first != again:
        return Finding("seed", CheckVerdict.WARN, "not honoured: runs cannot be repeated"), answers
    if first == other:
        return Finding("seed", CheckVerdict.WARN, "cannot be told: another seed gave the same words"), answers
    return Finding("seed", CheckVerdict.OK, "honoured"), answers


def sampling(probe: ProbeClient, answer: ProbeAnswer, varied: Mapping[str, Sequence[float]]) -> Iterator[Finding]:
    """Check that the sampling fields that a sweep varies are in force, level by level; one finding a field.

    `answer` is the latest reply. A server that reports the values in use gets one request of one token for each level,
    since a single level may be in force by chance.
    """
    reports = bool(read_back(probe.model, probe.endpoint).used)
    for name, levels in varied.items():
        by_status: dict[SamplingStatus, list[float]] = {}
        for value in levels:
            by_status.setdefault(_status(probe, answer, name, value, request=reports), []).append(value)
        doubts = {status: values for status, values in by_status.items() if status is not SamplingStatus.CONFIRMED}
        text = "; ".join(f"{name}={','.join(f'{v:g}' for v in values)} {s.value}" for s, values in doubts.items())
        if doubts:
            yield Finding("sampling", CheckVerdict.WARN, text, "the arms may not differ in it: see docs/servers.md")
        else:
            yield Finding("sampling", CheckVerdict.OK, f"{name} confirmed")


def _status(probe: ProbeClient, answer: ProbeAnswer, name: str, value: float, *, request: bool) -> SamplingStatus:
    changed: dict[str, Any] = {name: value}
    if request:
        try:
            answer = probe.request(REQUEST, max_tokens=1, **changed)
        except ModelError:
            return SamplingStatus.UNCONFIRMED
    model = replace(probe.model, **changed)
    return read_back(model, probe.endpoint).status(model, answer.server.get("dropped_fields", ()))[name]


def speed(answers: Sequence[ProbeAnswer]) -> Finding:
    """Measure the tokens generated per second, including the time to read a short prompt."""
    tokens = sum(answer.reply.usage.completion_tokens for answer in answers)
    seconds = sum(answer.seconds for answer in answers)
    rate = tokens / seconds if seconds else 0.0
    return Finding("speed", CheckVerdict.OK if rate else CheckVerdict.WARN, f"{rate:.1f} tokens a second")
