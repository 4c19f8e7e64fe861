"""The endpoint speaks the protocol, and says on everything that it is simulated."""

import json
from typing import Any

import pytest
from served import Served, opening, used

from harness.simulator import tokens


def joined(text: str) -> tuple[dict[str, Any], str, dict[str, Any]]:
    """The message, finish reason and usage that a stream adds up to."""
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    finish, usage = "", {}
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    for chunk in map(json.loads, lines[:-1]):
        usage = chunk.get("usage", usage)
        for choice in chunk["choices"]:
            finish = choice["finish_reason"] or finish
            _take(message, choice["delta"])
    return message, finish, usage


def _take(message: dict[str, Any], delta: dict[str, Any]) -> None:
    for key in ("content", "reasoning_content"):
        if delta.get(key):
            message[key] = message.get(key, "") + delta[key]
    for part in delta.get("tool_calls", ()):
        calls = message.setdefault("tool_calls", [])
        if part["index"] == len(calls):
            calls.append({"id": part["id"], "type": "function", "function": {"name": "", "arguments": ""}})
        for key, value in part["function"].items():
            calls[part["index"]]["function"][key] += value


def untimed(usage: dict[str, Any]) -> dict[str, Any]:
    """Usage without what differs between two equal requests: time, and what is cached."""
    return {key: value for key, value in usage.items() if key.endswith("tokens")}


def test_the_model_is_listed_as_simulated(resweep: Served) -> None:
    """The one model carries the profile's name and is marked as what it is."""
    listed = resweep.http.get(f"{resweep.endpoint}/models").json()["data"]
    assert [("sim-resweep", True)] == [(model["id"], model["simulated"]) for model in listed]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/models", None, 200),
        ("GET", "/nowhere", None, 404),
        ("PUT", "/chat/completions", b"{}", 405),
        ("POST", "/chat/completions", b"{not json", 400),
        ("POST", "/chat/completions", b"[]", 400),
        ("POST", "/chat/completions", b'{"model": "sim-resweep"}', 400),
        ("POST", "/chat/completions", b'{"model": "sim-resweep", "messages": [{"role": "tool"}]}', 400),
        ("POST", "/chat/completions", b'{"model": "m", "messages": [{"role": "user"}], "seed": "x"}', 400),
        ("POST", "/chat/completions", b'{"model": "m", "messages": [{"role": "user"}], "tools": [1]}', 400),
        ("POST", "/chat/completions", b'{"model": "m", "messages": [{"role": "user"}]}', 404),
        ("POST", "/chat/completions", b'{"model": "sim-resweep", "messages": [{"role": "user"}]}', 200),
    ],
)
def test_every_response_says_that_it_is_simulated(
    resweep: Served, method: str, path: str, body: bytes | None, status: int
) -> None:
    """Replies and refusals alike carry the header; a refusal is JSON with a message of one line."""
    response = resweep.http.request(method, resweep.endpoint + path, content=body)
    assert (status, "true") == (response.status_code, response.headers["x-simulated"])
    if status != 200:
        assert "\n" not in response.json()["error"]["message"]


def test_a_wrong_model_name_is_told_the_right_one(resweep: Served) -> None:
    """404 with both names, as real servers answer."""
    response = resweep.post(opening("calc"), model="sim-oracle")
    assert 404 == response.status_code
    assert "'sim-oracle'" in response.json()["error"]["message"]
    assert "sim-resweep" in response.json()["error"]["message"]


@pytest.mark.parametrize("profile", ["resweep", "oracle"])
def test_streaming_is_the_same_reply_in_pieces(profile: str, request: pytest.FixtureRequest) -> None:
    """Message, finish reason and usage add up to those of the whole reply."""
    served: Served = request.getfixturevalue(profile)
    messages = opening("graphkit")
    whole = served.ask(messages)
    streamed = served.post(messages, stream=True, stream_options={"include_usage": True})
    message, finish, usage = joined(streamed.text)
    choice = whole["choices"][0]
    assert (choice["message"], choice["finish_reason"]) == (message, finish)
    assert untimed(whole["usage"]) == untimed(usage)
    assert streamed.headers["content-type"].startswith("text/event-stream")


def test_a_stream_tells_usage_only_if_asked(resweep: Served) -> None:
    """Without include_usage there is none, as with other servers."""
    assert {} == joined(resweep.post(opening("calc"), stream=True).text)[2]


def test_reasoning_stands_beside_the_content(resweep: Served) -> None:
    """What the subject thinks comes as reasoning_content, never within the content."""
    message = resweep.ask(opening("calc"))["choices"][0]["message"]
    assert message["reasoning_content"]
    assert "" == message["content"]


def test_token_counts_follow_the_stated_rule(resweep: Served) -> None:
    """Bytes over the ratio, rounded up, plus the fixed marks; and the parts add up to the total."""
    messages = [{"role": "user", "content": "añb" * 50}, *used("list_dir", "go.mod (21 bytes)", path=".")]
    reply = resweep.ask(messages, tools=[])
    usage, message = reply["usage"], reply["choices"][0]["message"]
    called = tokens.PER_CALL + tokens.of_text("list_dir") + tokens.of_text('{"path": "."}')
    prompt = 3 * tokens.PER_MESSAGE + -(-200 // tokens.BYTES_PER_TOKEN) + called + tokens.of_text("go.mod (21 bytes)")
    spoken = tokens.of_message(message) + tokens.of_text(message.get("reasoning_content", ""))
    assert (prompt, spoken) == (usage["prompt_tokens"], usage["completion_tokens"])
    assert prompt + spoken == usage["total_tokens"]


def test_the_prefix_of_the_last_request_counts_as_cached(resweep: Served) -> None:
    """Of a request that goes on from the last one all of that one is cached; of an unrelated one, nothing."""
    resweep.ask([{"role": "user", "content": "something else"}], tools=[])
    first = resweep.ask(opening("calc"))["usage"]
    second = resweep.ask([*opening("calc"), *used("list_dir", "", path=".")])["usage"]
    other = resweep.ask([{"role": "user", "content": "something else"}], tools=[])["usage"]
    cached = [usage["prompt_tokens_details"]["cached_tokens"] for usage in (first, second, other)]
    assert [0, first["prompt_tokens"], 0] == cached


def test_a_reply_over_max_tokens_is_cut(oracle: Served) -> None:
    """It ends as `length`, costs the limit, and calls nothing: half a call is none."""
    reply = oracle.ask(opening("calc"), max_tokens=20)
    choice = reply["choices"][0]
    assert ("length", 20) == (choice["finish_reason"], reply["usage"]["completion_tokens"])
    assert "tool_calls" not in choice["message"]
