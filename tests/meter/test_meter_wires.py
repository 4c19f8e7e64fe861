"""The wires of Responses and Messages, in front of a server that has chat completions alone."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metered import metered

from harness.meter.pass_meter import PassLimits
from harness.meter.wires import messages, responses
from harness.meter.wires.translation import WireError
from harness.outcome import PassReason

from dialects import Dialect, Say
from scripted import ScriptedServer, answer, delta, stream

SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
CALL = ("call_1", "write", '{"path": "a"}')
TURN = Say("I write.", reasoning="Hm.", calls=[CALL])
PATHS = ("/responses", "/messages")


def request(path: str, **more: Any) -> dict[str, Any]:
    """A conversation with one call behind it, in the form of the wire."""
    if path == "/responses":
        items = [
            {"role": "developer", "content": [{"type": "input_text", "text": "Rules."}]},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Where?"}]},
            {"role": "user", "content": "Write it."},
            {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "secret"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Reading."}]},
            {"type": "function_call", "call_id": "c0", "name": "read", "arguments": '{"path": "b"}'},
            {"type": "function_call_output", "call_id": "c0", "output": "text of b"},
        ]
        tools = [{"type": "function", "name": "write", "description": "Writes.", "parameters": SCHEMA, "strict": False}]
        tools += [{"type": "web_search"}]
        return {"model": "m", "instructions": "Be good.", "input": items, "tools": tools, "store": False, **more}
    turns = [
        {"role": "user", "content": [{"type": "text", "text": "Where?"}, {"type": "text", "text": "Write it."}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "secret", "signature": "s"},
                {"type": "text", "text": "Reading."},
                {"type": "tool_use", "id": "c0", "name": "read", "input": {"path": "b"}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c0", "content": "text of b"}]},
    ]
    system = [{"type": "text", "text": "Be good."}, {"type": "text", "text": "Rules."}]
    tools = [{"name": "write", "description": "Writes.", "input_schema": SCHEMA}]
    return {"model": "m", "max_tokens": 500, "system": system, "messages": turns, "tools": tools, **more}


def events(reply: httpx.Response) -> list[dict[str, Any]]:
    """The events of a stream, each of which names its kind twice."""
    found = []
    for block in reply.text.strip().split("\n\n"):
        name, data = block.split("\n")
        payload = json.loads(data.removeprefix("data: "))
        assert name == f"event: {payload['type']}"
        found.append(payload)
    return found


@pytest.mark.parametrize("path", PATHS)
def test_a_conversation_becomes_a_chat_completion(tmp_path: Path, path: str) -> None:
    """System texts are one message at the beginning, results follow their calls, and reasoning does not go back."""
    with ScriptedServer([Say("Done.")]) as server, metered(tmp_path, server.endpoint) as one:
        assert 200 == one.http.post(path, json=request(path)).status_code
    [sent] = server.asked
    call = {"id": "c0", "type": "function", "function": {"name": "read", "arguments": '{"path": "b"}'}}
    assert [
        {"role": "system", "content": "Be good.\n\nRules."},
        {"role": "user", "content": "Where?\n\nWrite it."},
        {"role": "assistant", "content": "Reading.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c0", "content": "text of b"},
    ] == sent["messages"]
    function = {"name": "write", "description": "Writes.", "parameters": SCHEMA}
    assert [{"type": "function", "function": function}] == sent["tools"]
    assert ("the-model", 0.6) == (sent["model"], sent["temperature"])


def test_a_reply_becomes_a_response(tmp_path: Path) -> None:
    """Reasoning, text and calls are items of their own, and the tokens those of the server."""
    with ScriptedServer([TURN]) as server, metered(tmp_path, server.endpoint) as one:
        reply = one.http.post("/responses", json=request("/responses")).json()
    thought, said, called = reply["output"]
    assert ("response", "completed") == (reply["object"], reply["status"])
    assert ("Hm.", "I write.") == (thought["content"][0]["text"], said["content"][0]["text"])
    assert CALL == (called["call_id"], called["name"], called["arguments"])
    assert {"input_tokens": 70, "output_tokens": 30, "total_tokens": 100}.items() <= reply["usage"].items()
    assert (1, 100) == (one.totals.tool_calls, one.totals.total_tokens)


@pytest.mark.parametrize("piece", [0, 3])
def test_a_stream_becomes_the_events_of_a_response(tmp_path: Path, piece: int) -> None:
    """The deltas of each item add up to what its end says, and the last event holds the whole response."""
    turn = Say(TURN.content, TURN.reasoning, TURN.calls, dialect=Dialect(piece=piece))
    with ScriptedServer([turn]) as server, metered(tmp_path, server.endpoint) as one:
        told = events(one.http.post("/responses", json=request("/responses", stream=True)))
    assert list(range(len(told))) == [event["sequence_number"] for event in told]
    assert ["response.created", "response.in_progress"] == [event["type"] for event in told[:2]]
    texts = {
        kind: "".join(event["delta"] for event in told if event["type"] == f"response.{kind}.delta")
        for kind in ("reasoning_text", "output_text", "function_call_arguments")
    }
    assert {"reasoning_text": "Hm.", "output_text": "I write.", "function_call_arguments": CALL[2]} == texts
    done = [event["item"] for event in told if event["type"] == "response.output_item.done"]
    assert ["reasoning", "message", "function_call"] == [item["type"] for item in done]
    last = told[-1]
    assert ("response.completed", done) == (last["type"], last["response"]["output"])
    assert 100 == last["response"]["usage"]["total_tokens"]


def test_tools_with_a_namespace_or_free_text_find_their_way_back(tmp_path: Path) -> None:
    """A chat completion knows neither; the agent gets its calls as it declared them."""
    tools = [
        {"type": "namespace", "name": "team", "tools": [{"type": "function", "name": "ask", "parameters": SCHEMA}]},
        {"type": "custom", "name": "patch", "description": "Patches."},
    ]
    turn = Say(calls=[("c1", "team__ask", "{}"), ("c2", "patch", '{"input": "*** Begin"}')])
    with ScriptedServer([turn]) as server, metered(tmp_path, server.endpoint) as one:
        reply = one.http.post("/responses", json={"input": "go", "tools": tools}).json()
    ask, patch = reply["output"]
    assert ("function_call", "team", "ask") == (ask["type"], ask["namespace"], ask["name"])
    assert ("custom_tool_call", "patch", "*** Begin") == (patch["type"], patch["name"], patch["input"])
    again = {"input": [*reply["output"], {"type": "custom_tool_call_output", "call_id": "c2", "output": "ok"}]}
    [turn_again, result] = responses.chat_request(again)["messages"]
    assert ["team__ask", "patch"] == [call["function"]["name"] for call in turn_again["tool_calls"]]
    assert ("c2", "ok") == (result["tool_call_id"], result["content"])


def test_a_reply_becomes_a_message(tmp_path: Path) -> None:
    """Blocks for reasoning, text and calls; tokens from the cache are counted apart, as this wire does."""
    with ScriptedServer([TURN]) as server, metered(tmp_path, server.endpoint) as one:
        reply = one.http.post("/messages", json=request("/messages")).json()
    thought, said, called = reply["content"]
    assert ("Hm.", "I write.") == (thought["thinking"], said["text"])
    assert ("call_1", "write", {"path": "a"}) == (called["id"], called["name"], called["input"])
    assert ("tool_use", 30, 40, 30) == (
        reply["stop_reason"],
        *(reply["usage"][name] for name in ("input_tokens", "cache_read_input_tokens", "output_tokens")),
    )


@pytest.mark.parametrize("piece", [0, 3])
def test_a_stream_becomes_the_events_of_a_message(tmp_path: Path, piece: int) -> None:
    """Each block begins, grows and ends in turn, and the tokens come with the reason of the end."""
    turn = Say(TURN.content, TURN.reasoning, TURN.calls, dialect=Dialect(piece=piece))
    with ScriptedServer([turn]) as server, metered(tmp_path, server.endpoint) as one:
        told = events(one.http.post("/messages", json=request("/messages", stream=True)))
    blocks: list[tuple[str, str]] = []
    for event in told:
        if event["type"] == "content_block_start":
            blocks.append((event["content_block"]["type"], ""))
        elif event["type"] == "content_block_delta":
            kind, text = blocks[event["index"]]
            part = event["delta"]
            more = part.get("thinking") or part.get("text") or part.get("partial_json")
            blocks[event["index"]] = (kind, text + more)
    assert [("thinking", "Hm."), ("text", "I write."), ("tool_use", CALL[2])] == blocks
    kinds = [event["type"] for event in told]
    assert ("message_start", "message_stop") == (kinds[0], kinds[-1])
    assert (3, 3) == (kinds.count("content_block_start"), kinds.count("content_block_stop"))
    assert ("tool_use", 30) == (told[-2]["delta"]["stop_reason"], told[-2]["usage"]["output_tokens"])


@pytest.mark.parametrize("path", PATHS)
def test_a_server_that_answers_otherwise_than_requested_is_understood(tmp_path: Path, path: str) -> None:
    """A whole body for a stream, and a stream for a whole body, reach the agent as it wanted them."""
    whole = {"choices": [{"index": 0, "message": {"content": "Hello"}, "finish_reason": "stop"}]}
    streams = stream(delta(content="Hel"), delta(content="lo", finish="stop"))
    with ScriptedServer([answer(whole), streams]) as server, metered(tmp_path, server.endpoint) as one:
        first = one.http.post(path, json=request(path, stream=True))
        second = one.http.post(path, json=request(path))
    assert "Hello" in json.dumps(events(first))
    assert "Hello" in json.dumps(second.json())
    assert one.totals.usage_estimated


@pytest.mark.parametrize(
    ("path", "place", "kind", "full"),
    [
        ("/responses", "code", None, "context_length_exceeded"),
        ("/messages", "type", "rate_limit_error", "invalid_request_error"),
    ],
)
def test_errors_have_the_form_of_the_wire(tmp_path: Path, path: str, place: str, kind: str | None, full: str) -> None:
    """The status and the words are the server's; a full context is named as the wire names it."""
    busy = answer({"error": {"message": "slow down"}}, status=429)
    window = answer({"error": {"message": "exceeds the context length"}}, status=400)
    broken = answer({"error": {"message": "out of order"}})
    with ScriptedServer([busy, window, broken]) as server, metered(tmp_path, server.endpoint) as one:
        first, second, third = (one.http.post(path, json=request(path)) for _ in range(3))
    assert (429, "slow down", kind) == (
        first.status_code,
        first.json()["error"]["message"],
        first.json()["error"][place],
    )
    assert (400, full) == (second.status_code, second.json()["error"][place])
    assert "exceeds the context length" in second.json()["error"]["message"]
    assert (502, "out of order") == (third.status_code, third.json()["error"]["message"])


@pytest.mark.parametrize("path", PATHS)
def test_limits_hold_on_every_wire(tmp_path: Path, path: str) -> None:
    """The pass ends at the same tokens, or the request is refused in the form of the wire."""
    usage = {"prompt_tokens": 900, "completion_tokens": 200, "total_tokens": 1100}
    with ScriptedServer([Say("a", usage=usage)] * 2) as server:
        with metered(tmp_path, server.endpoint, limits=PassLimits(ctx_limit=1000)) as one:
            one.http.post(path, json=request(path))
            with pytest.raises(httpx.RemoteProtocolError):
                one.http.post(path, json=request(path))
            assert PassReason.CONTEXT == one.meter.exited().reason
        with metered(tmp_path, server.endpoint, limits=PassLimits(ctx_limit=1000, refuses=True)) as one:
            one.http.post(path, json=request(path))
            refused = one.http.post(path, json=request(path))
    assert 400 == refused.status_code
    assert "1000 tokens" in refused.json()["error"]["message"]


def test_what_needs_a_store_is_refused_in_words(tmp_path: Path) -> None:
    """A response that refers to an earlier one cannot be translated."""
    with ScriptedServer() as server, metered(tmp_path, server.endpoint) as one:
        reply = one.http.post("/responses", json={"input": "go", "previous_response_id": "resp_1"})
    assert 400 == reply.status_code
    assert "not stored" in reply.json()["error"]["message"]
    assert [] == server.asked


FIELDS = """
type role content text input name call_id arguments output tools tool_choice messages system id tool_use_id instructions
source namespace format stop_sequences max_tokens stream parallel_tool_calls parameters
"""
KINDS = "message user assistant developer function namespace custom function_call tool tool_use tool_result image"
NAMES, WORDS = st.sampled_from(FIELDS.split()), st.sampled_from(KINDS.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=30,
)


@given(st.dictionaries(NAMES, VALUES, max_size=8))
def test_no_request_breaks_a_translation(fields: dict[str, Any]) -> None:
    """Whatever an agent sends becomes a chat completion that can be sent, or is refused in words."""
    for translate in (responses.chat_request, messages.chat_request):
        try:
            chat = translate(fields)
        except WireError:
            continue
        json.dumps(chat)
        assert all(message["role"] in ("system", "user", "assistant", "tool") for message in chat["messages"])
