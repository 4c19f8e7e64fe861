"""How tools reach a model: by its config, by what its server tells, or by what a preflight sees."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from places import PlacedServer, Rule, called, counted, said

from harness.config import ConfigError, ModelConfig, RunConfig, TaskConfig, ToolsMode
from harness.record import Outcome, RunRecord
from harness.runner import run
from harness.servers.checks import CheckVerdict, Finding
from harness.servers.facts import look
from harness.servers.preflight import preflight
from harness.state import Launch

from lab import REVERSE

NO_TOOLS = {"chat_template": "t", "chat_template_caps": {"supports_tools": False, "supports_tool_calls": False}}
WITH_TOOLS = {"chat_template": "t", "chat_template_caps": {"supports_tools": True}}
LISTED = {"data": [{"id": "m"}]}


def as_tag(name: str, **arguments: Any) -> str:
    return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"


TURNS = [
    as_tag("write_file", path="stringutil/stringutil.go", content=REVERSE),
    as_tag("done", summary="finished"),
]
"""What solves the task `reverse`, by a model that knows no tools but those in its prompt."""


def writer(request: dict[str, Any]) -> tuple[int, object]:
    """A model without a template for tools: those in the request's field never reach it."""
    turn = sum(message["role"] == "assistant" for message in request["messages"])
    knows = any("# Calling tools" in message["content"] for message in request["messages"])
    body = counted(request | {"tools": ""}, said(content=TURNS[min(turn, 1)] if knows else "What tools?"))
    return 200, body


def carried_out(
    tmp_path: Path, rule: Rule, props: dict[str, Any] | None, tools: ToolsMode, *, seen: ToolsMode | None = None
) -> tuple[RunRecord, list[dict[str, Any]]]:
    """The record of a run, and the requests that came."""
    places = {"/v1/models": LISTED} | ({} if props is None else {"/props": props})
    with PlacedServer(places, rule) as server:
        model = ModelConfig(name="m", endpoint=server.endpoint, tools=tools)
        config = RunConfig(model=model, task=TaskConfig(name="reverse"), log_dir=str(tmp_path), max_iters=1)
        return run(config, endpoint=server.endpoint, launch=Launch(tools=seen)), server.asked


@pytest.mark.go
@pytest.mark.parametrize(
    ("props", "tools", "seen"),
    [
        (None, ToolsMode.text, None),
        (NO_TOOLS, ToolsMode.auto, None),
        (NO_TOOLS, ToolsMode.auto, ToolsMode.native),
        (None, ToolsMode.auto, ToolsMode.text),
    ],
    ids=["configured", "told by the server", "told and seen otherwise", "seen by the preflight"],
)
def test_a_model_without_tools_in_its_template_solves_a_task(
    tmp_path: Path, props: dict[str, Any] | None, tools: ToolsMode, seen: ToolsMode | None
) -> None:
    """Its calls are carried out, the record says how, and holds the hash of the prompt that was sent."""
    record, asked = carried_out(tmp_path, writer, props, tools, seen=seen)
    assert (Outcome.COMPLETED, "text", "text") == (
        record.outcome,
        record.tools_mode,
        record.server["fingerprint"]["tools"],
    )
    assert [False, False] == ["tools" in request for request in asked]
    sent = asked[0]["messages"][0]["content"]
    assert hashlib.sha256(sent.encode()).hexdigest() == record.system_sha256
    assert ["system", "user", "assistant", "user"] == [message["role"] for message in asked[1]["messages"]]


@pytest.mark.go
@pytest.mark.parametrize(
    ("props", "tools"),
    [(None, ToolsMode.auto), (WITH_TOOLS, ToolsMode.auto), (NO_TOOLS, ToolsMode.native)],
    ids=["unknown", "told", "configured"],
)
def test_tools_are_native_unless_they_are_known_to_fail(
    tmp_path: Path, props: dict[str, Any] | None, tools: ToolsMode
) -> None:
    """What is not known is taken to work, and what the config says holds."""
    record, [request] = carried_out(tmp_path, writer, props, tools)
    assert ("native", True) == (record.tools_mode, "tools" in request)
    assert "tools" not in record.server["fingerprint"]
    assert hashlib.sha256(request["messages"][0]["content"].encode()).hexdigest() == record.system_sha256


@pytest.mark.parametrize(
    ("props", "told"),
    [
        (WITH_TOOLS, True),
        (NO_TOOLS, False),
        ({"chat_template": "t"}, None),
        ({"chat_template": "t", "chat_template_caps": {}}, None),
        ({"chat_template": "t", "chat_template_caps": {"supports_tools": "no"}}, None),
        ({"chat_template": "t", "chat_template_caps": [False]}, None),
    ],
)
def test_whether_the_template_has_tools_is_known_where_it_is_told(props: dict[str, Any], told: bool | None) -> None:
    """What is not told, or is no truth value, is unknown."""
    with PlacedServer({"/props": props}) as server:
        assert told is look(ModelConfig(name="m"), server.endpoint).tools


def test_a_router_is_asked_about_the_model() -> None:
    """Its own properties tell nothing of any model."""
    named = NO_TOOLS | {"default_generation_settings": {"n_ctx": 4096}}
    with PlacedServer({"/props": {"role": "router"}, "/props?model=a%2Fm": named}) as server:
        facts = look(ModelConfig(name="a/m"), server.endpoint)
    assert (False, 4096, True) == (facts.tools, facts.window, "template_sha256" in (facts.fingerprint or {}))


def checked(rule: Rule, props: dict[str, Any] | None, tools: ToolsMode) -> tuple[Finding, list[dict[str, Any]]]:
    """The finding about tools, and the requests that came for it."""
    places = {"/v1/models": {"data": [{"id": "m", "max_model_len": 65536}]}}
    with PlacedServer(places | ({} if props is None else {"/props": props}), rule) as server:
        config = RunConfig(ModelConfig(name="m", tools=tools), TaskConfig(name="reverse"), ctx_limit=9000)
        findings = {finding.check: finding for finding in preflight(config, server.endpoint, light=True)[1]}
        return findings["tool call"], server.asked


CANNED = as_tag("report_number", number=7)


def deaf(reply: str) -> Callable[[dict[str, Any]], tuple[int, object]]:
    """A server that drops tools without a word, and whose model calls those that its prompt tells of."""

    def rule(request: dict[str, Any]) -> tuple[int, object]:
        knows = any("# Calling tools" in message["content"] for message in request["messages"])
        return 200, counted(request | {"tools": ""}, said(content=reply if knows else "Seven!"))

    return rule


@pytest.mark.parametrize(
    ("rule", "props", "tools", "verdict", "found", "mode"),
    [
        (deaf(CANNED), None, ToolsMode.auto, CheckVerdict.OK, "as text (tools never reach the model)", "text"),
        (deaf(CANNED), NO_TOOLS, ToolsMode.auto, CheckVerdict.OK, "as text (its chat template has no tools)", "text"),
        (deaf(CANNED), None, ToolsMode.text, CheckVerdict.OK, "as text (as model.tools says)", "text"),
        (
            deaf("Sure, I will!"),
            None,
            ToolsMode.auto,
            CheckVerdict.WARN,
            'as text (tools never reach the model): none was made, but this came: "Sure, I will!"',
            "text",
        ),
        (deaf(CANNED), None, ToolsMode.native, CheckVerdict.FAIL, 'none was made, but this came: "Seven!"', None),
        (lambda request: (200, counted(request, called())), None, ToolsMode.auto, CheckVerdict.OK, "native", "native"),
        (
            lambda request: (200, counted(request, said(content="Seven!"))),
            None,
            ToolsMode.auto,
            CheckVerdict.FAIL,
            'none was made, but this came: "Seven!"',
            None,
        ),
        (
            lambda request: (
                (400, {"error": "m does not support tools"})
                if request.get("tools")
                else (200, counted(request, said(content=CANNED)))
            ),
            None,
            ToolsMode.auto,
            CheckVerdict.OK,
            "as text (the server refuses tools)",
            "text",
        ),
    ],
)
def test_the_preflight_sees_how_tools_reach_the_model(
    rule: Rule, props: dict[str, Any] | None, tools: ToolsMode, verdict: CheckVerdict, found: str, mode: str | None
) -> None:
    """By a call that comes, by a count of the prompt that more tools do not change, or by a refusal."""
    finding, _ = checked(rule, props, tools)
    assert (verdict, found, mode) == (finding.verdict, finding.found, finding.tools)


def test_a_server_whose_template_has_no_tools_is_sent_none() -> None:
    """What the server tells needs no probe."""
    finding, asked = checked(deaf(CANNED), NO_TOOLS, ToolsMode.auto)
    assert ("text", [False]) == (finding.tools, ["tools" in request for request in asked])


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"salvage": False}, "model.tools=text: must be used with model.salvage=true"),
        ({"profile": "oracle", "endpoint": "embedded"}, "model.tools=text: must be auto or native for a simulated"),
    ],
)
def test_calls_in_text_that_nobody_reads_are_bad_input(wrong: dict[str, Any], words: str) -> None:
    """One line, before anything is run."""
    with pytest.raises(ConfigError, match=f"^{words}"):
        ModelConfig(name="m", tools=ToolsMode.text, **wrong)
