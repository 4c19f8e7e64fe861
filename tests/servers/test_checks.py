"""The preflight: what it finds in servers that are well, and in those that are not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from places import PlacedServer, Rule, called, counted, said

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.servers.checks import CheckVerdict, Finding
from harness.servers.preflight import preflight
from harness.servers.sizes import ROOM

LISTED = {"data": [{"id": "m"}, {"id": "b"}]}
OK, WARN, FAIL = CheckVerdict.OK, CheckVerdict.WARN, CheckVerdict.FAIL


def well(request: dict[str, Any]) -> tuple[int, object]:
    """A server without fault: native calls, counted tokens, seeds that decide."""
    body = called() if request.get("tools") else said(content=f"words of seed {request.get('seed')}")
    return 200, counted(request, body)


def found(
    rule: Rule, *, places: dict[str, object] | None = None, light: bool = False, **changes: Any
) -> dict[str, Finding]:
    """The findings by their check."""
    model = changes.pop("model", ModelConfig(name="m"))
    with PlacedServer({"/v1/models": LISTED} if places is None else places, rule) as server:
        changes = {"ctx_limit": 9000} | changes
        _, findings = preflight(
            RunConfig(model=model, task=TaskConfig(name="reverse"), **changes), server.endpoint, light=light
        )
        return {finding.check: finding for finding in findings}


def test_a_server_without_fault_passes_every_check() -> None:
    """Each check says what it saw."""
    findings = found(well)
    assert {OK} == {finding.verdict for finding in findings.values()}
    names = ["reachable", "model", "tool call", "reasoning", "usage", "window", "truncation", "seed", "speed"]
    assert names == list(findings)
    assert "native" == findings["tool call"].found
    assert "honoured" == findings["seed"].found


@pytest.mark.parametrize("streamed", [True, False])
def test_the_light_one_leaves_out_what_does_not_decide(streamed: bool) -> None:
    """Before a sweep neither seeds nor speed are asked for, and a declared window is believed."""
    places = {"/v1/models": {"data": [{"id": "m", "max_model_len": 9000 + ROOM}]}}
    findings = found(well, places=places, light=True, stream=streamed)
    assert ["reachable", "model", "tool call", "reasoning", "usage", "window"] == list(findings)
    assert {OK} == {finding.verdict for finding in findings.values()}


def test_a_model_that_is_not_there_is_told_with_those_that_are() -> None:
    """And nothing is asked of it; the only model of a server answers to any name."""
    findings = found(well, model=ModelConfig(name="c"))
    assert (FAIL, "c is not among m, b") == (findings["model"].verdict, findings["model"].found)
    assert ["reachable", "model"] == list(findings)
    assert WARN is found(well, places={"/v1/models": {"data": [{"id": "b"}]}}, light=True)["model"].verdict
    assert WARN is found(well, places={}, light=True)["model"].verdict


SHOWN = "7\\n\\x1b[2J" * 13 + "7\\n"
"""Eighty characters of a reply that would clear the screen, as they may be shown."""

TEXT = '<tool_call>{"name": "report_number", "arguments": {"number": 7}}</tool_call>'


@pytest.mark.parametrize(
    ("reply", "salvage", "verdict", "words"),
    [
        (called(), True, OK, "native"),
        (called(8), True, WARN, 'a strange one came: report_number {"number": 8}'),
        (said(content=TEXT), True, WARN, "it came as text"),
        (said(content=TEXT), False, FAIL, "it came as text"),
        (said(content="", reasoning=TEXT), False, FAIL, "it came as text"),
        (said(content="7"), True, FAIL, 'none was made, but this came: "7"'),
        (said(content="7\n\x1b[2J" * 30), True, FAIL, f'none was made, but this came: "{SHOWN}"'),
        (said(content=None), True, FAIL, "none was made, and no text came"),
    ],
)
def test_a_tool_call_is_told_from_its_likeness(
    reply: dict[str, Any], salvage: bool, verdict: CheckVerdict, words: str
) -> None:
    """Calls as text can be lived with only where they are salvaged."""
    model = ModelConfig(name="m", salvage=salvage)
    finding = found(lambda request: (200, counted(request, reply)), model=model, light=True)["tool call"]
    assert (verdict, words) == (finding.verdict, finding.found)


def test_a_refusal_of_tools_is_told_in_the_server_s_words() -> None:
    """And ends the checks: no run could make a step."""
    findings = found(lambda _: (400, {"error": "tools need --jinja"}))
    assert FAIL is findings["tool call"].verdict
    assert "tools need --jinja" in findings["tool call"].found
    assert "tool call" == list(findings)[-1]


def test_usage_that_is_not_told_is_a_warning() -> None:
    """Estimates will do, and the operator knows; sizes cannot be measured then."""
    findings = found(lambda request: (200, called() if request.get("tools") else said(content="x")))
    assert (WARN, WARN) == (findings["usage"].verdict, findings["truncation"].verdict)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_the_place_of_reasoning_is_told(field: str) -> None:
    """As a field of its own, by its name, or inline."""

    def rule(request: dict[str, Any]) -> tuple[int, object]:
        body = called()
        body["choices"][0]["message"][field] = "hm"
        return 200, counted(request, body)

    assert f"told as {field}" == found(rule, light=True)["reasoning"].found


def test_a_declared_window_below_the_limit_fails_with_its_remedy() -> None:
    """The line says what to serve and what to ask for instead."""
    places = {"/v1/models": LISTED, "/props": {"default_generation_settings": {"n_ctx": 4096}}}
    finding = found(well, places=places, light=True)["window"]
    assert (FAIL, "4096 tokens, less than ctx_limit=9000") == (finding.verdict, finding.found)
    assert "serve a window of 9000 or more, or set ctx_limit=4096 or less" == finding.remedy


@pytest.mark.parametrize(
    ("size", "max_tokens", "verdict", "remedy"),
    [
        (9000, 32768, WARN, "serve a window of 10024 or more, or set ctx_limit=7976 or less"),
        (9099, 100, WARN, "serve a window of 9100 or more, or set ctx_limit=8999 or less"),
        (9100, 100, OK, ""),
        (10024, 32768, OK, ""),
    ],
)
def test_a_window_without_room_for_a_reply_is_a_warning(
    size: int, max_tokens: int, verdict: CheckVerdict, remedy: str
) -> None:
    """A call may begin just below ctx_limit: its reply needs room, at least 1,024 tokens or model.max_tokens."""
    places = {"/v1/models": {"data": [{"id": "m", "max_model_len": size}]}}
    finding = found(well, places=places, light=True, model=ModelConfig(name="m", max_tokens=max_tokens))["window"]
    assert (verdict, remedy) == (finding.verdict, finding.remedy)


def test_without_a_limit_no_room_is_asked_for() -> None:
    """ctx_limit=0 lets a pass go on to the end of the window."""
    places = {"/v1/models": {"data": [{"id": "m", "max_model_len": 9000}]}}
    assert OK is found(well, places=places, light=True, ctx_limit=0)["window"].verdict


def cut(size: int) -> Callable[[dict[str, Any]], tuple[int, object]]:
    """A server that cuts prompts to its window and says nothing."""

    def rule(request: dict[str, Any]) -> tuple[int, object]:
        status, body = well(request)
        assert isinstance(body, dict)
        body["usage"]["prompt_tokens"] = min(body["usage"]["prompt_tokens"], size)
        return status, json.loads(json.dumps(body))

    return rule


def refusing(size: int) -> Callable[[dict[str, Any]], tuple[int, object]]:
    """A server that refuses what does not fit."""

    def rule(request: dict[str, Any]) -> tuple[int, object]:
        status, body = well(request)
        assert isinstance(body, dict)
        asked = body["usage"]["prompt_tokens"]
        told = f"This model's maximum context length is {size} tokens. However, you requested {asked} tokens"
        return (400, {"error": {"message": told}}) if asked > size else (status, body)

    return rule


@pytest.mark.parametrize("light", [True, False])
def test_a_window_that_is_not_declared_is_found_by_an_oversize_prompt(light: bool) -> None:
    """Cut in silence or refused: the finding tells which, and how much is read."""
    silent = found(cut(4096), light=light)["truncation"]
    assert (FAIL, "of a prompt of 9000 tokens 4096 were read, and nothing was said") == (silent.verdict, silent.found)
    loud = found(refusing(4096), light=light)["truncation"]
    assert (FAIL, "a prompt of 9000 tokens is refused by a window of 4096") == (loud.verdict, loud.found)
    assert OK is found(refusing(12000), light=light)["truncation"].verdict


def test_a_declared_window_is_put_to_the_test_by_the_full_one() -> None:
    """A server may declare what it does not serve, and may refuse in words that nobody understands."""
    places: dict[str, object] = {"/v1/models": {"data": [{"id": "m", "max_model_len": 10000}]}}
    assert OK is found(refusing(10000), places=places)["overflow"].verdict
    assert WARN is found(cut(10000), places=places)["overflow"].verdict
    assert FAIL is found(cut(4096), places=places)["truncation"].verdict


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (lambda _seed, _number: "always the same", "cannot be told: another seed gave the same words"),
        (lambda _seed, number: f"reply {number}", "not honoured: runs cannot be repeated"),
    ],
)
def test_seeds_that_do_not_decide_are_told(text: Callable[[int, int], str], words: str) -> None:
    """The same seed must give the same words, another one others."""
    numbers = iter(range(1000))

    def rule(request: dict[str, Any]) -> tuple[int, object]:
        if request.get("tools"):
            return well(request)
        return 200, counted(request, said(content=text(request.get("seed", 0), next(numbers))))

    finding = found(rule)["seed"]
    assert (WARN, words) == (finding.verdict, finding.found)


def test_nobody_there_fails_at_once() -> None:
    """The one finding says where nobody answered."""
    with PlacedServer({}) as server:
        endpoint = server.endpoint
    config = RunConfig(model=ModelConfig(name="m"), task=TaskConfig(name="reverse"))
    [finding] = preflight(config, endpoint)[1]
    assert (FAIL, "start the server, or correct model.endpoint") == (finding.verdict, finding.remedy)
    assert endpoint in finding.found
