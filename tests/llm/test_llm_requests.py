"""What is sent: the fields, their bytes, and what is left out once a server refused it."""

import copy
import json
from itertools import pairwise
from typing import Any

import pytest
from asking import PROMPT, Open, Slept

from harness.config import ModelConfig
from harness.llm.client import OpenAIChat
from harness.llm.errors import ModelError, refused_field
from harness.llm.growing import RequestEncoder
from harness.llm.types import Reply, ToolCall
from harness.llm.wire import OPTIONAL, encoded, size_of

from dialects import Say
from scripted import JSON_TYPE, ScriptedServer, answer

TOOLS = [{"type": "function", "function": {"name": "read_file", "parameters": {"type": "object"}}}]
SAMPLING: dict[str, Any] = {
    "max_tokens": 9,
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 7,
    "min_p": 0.1,
    "repetition_penalty": 1.1,
    "presence_penalty": 0.2,
}


def test_the_request_holds_what_was_configured(opened: Open) -> None:
    """Every sampling setting is sent, the seed where there is one, and what belongs to streaming only with it."""
    config = ModelConfig(name="m", **SAMPLING)
    plain = {"model": "m", "tools": TOOLS, "messages": PROMPT, "stream": False, **SAMPLING, "repeat_penalty": 1.1}
    model, server = opened(Say("a"), Say("b"), config=config)
    model.complete(PROMPT, TOOLS, seed=None)
    model.complete(PROMPT, TOOLS, seed=0)
    assert [plain, plain | {"seed": 0}] == server.asked
    model, server = opened(Say("c"), config=config, stream=True)
    model.complete(PROMPT, TOOLS, seed=5)
    streaming = {"stream": True, "stream_options": {"include_usage": True}, "seed": 5}
    assert [plain | streaming] == server.asked
    assert "application/json" == server.requests[0].headers["content-type"]


def test_no_tools_are_no_field(opened: Open) -> None:
    """Some servers refuse an empty list of tools."""
    model, server = opened(Say("a"))
    model.complete(PROMPT, [], seed=None)
    assert "tools" not in server.asked[0]


def test_each_request_repeats_the_bytes_of_the_one_before(opened: Open) -> None:
    """Up to where the history grew the bytes are the same, so that prompt caches serve them."""
    said = Say("ä – ok", "thinking", [("x", "read_file", '{"path": "a.go"}')])
    model, server = opened(said, said, said)
    history = list(PROMPT)
    for seed in (1, 2, 3):
        reply = model.complete(history, TOOLS, seed=seed)
        history += [reply.as_message(), {"role": "tool", "tool_call_id": "x", "content": "package a // ü"}]
    bodies = [request.body for request in server.requests]
    for before, after in pairwise(bodies):
        grown = before.index(b'],"stream"')
        assert before[:grown] == after[:grown]
    assert "thinking" not in bodies[-1].decode()
    assert "ä – ok" in bodies[-1].decode()


def test_what_was_encoded_before_is_sent_as_if_encoded_anew() -> None:
    """A request has the bytes of its JSON, however the conversation grew, shrank or changed since the one before."""
    encoder, call = RequestEncoder(), Reply(tool_calls=(ToolCall("x", "read_file", '{"path": "ä"}'),)).as_message()
    history: list[dict[str, Any]] = [*PROMPT, {"role": "user", "content": "half \ud83d"}]
    grown, added = [*history, call, {"role": "tool", "content": "a"}], copy.deepcopy(call)
    added["tool_calls"][0]["function"]["name"] = "list_files"
    for messages in (history, grown, grown[:2], [*history, added], [], grown):
        for tools in (TOOLS, [], [*TOOLS, *TOOLS]):
            fields = {"model": "ö", "tools": tools, "messages": messages, "stream": False, "top_p": 0.5, "seed": None}
            assert encoded(fields) == encoder.body(fields)
            assert size_of(messages, tools) == encoder.size(messages, tools)


def test_a_message_that_was_added_to_is_sent_as_it_is_now(opened: Open) -> None:
    """What a lever adds to the last message reaches the server, although the message was sent before."""
    model, server = opened(Say("a"), Say("b"))
    history = [{"role": "user", "content": "Go."}]
    model.complete(history, [], seed=None)
    history[-1]["content"] += " On."
    model.complete(history, [], seed=None)
    assert ["Go.", "Go. On."] == [asked["messages"][-1]["content"] for asked in server.asked]


def test_a_cookie_is_sent_back(opened: Open) -> None:
    """A load balancer finds the server of a conversation by its cookie; without one, there is no such header."""
    body = {"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}]}
    model, server = opened(answer(body, headers={**JSON_TYPE, "Set-Cookie": "place=7; Path=/"}), Say("b"))
    for _ in range(2):
        model.complete(PROMPT, [], seed=None)
    assert [None, "place=7"] == [request.headers.get("cookie") for request in server.requests]


def test_a_name_and_password_in_the_endpoint_are_sent_as_a_header() -> None:
    """Servers behind a proxy with a password can be used; the URL that is requested holds neither."""
    with ScriptedServer([Say("a")]) as server:
        endpoint = server.endpoint.replace("://", "://me:secret@")
        with OpenAIChat(ModelConfig(name="m"), endpoint) as model:
            model.complete(PROMPT, [], seed=None)
    assert "Basic bWU6c2VjcmV0" == server.requests[0].headers["authorization"]


def test_text_that_cannot_be_encoded_is_sent_all_the_same(opened: Open) -> None:
    """A lone half of a character in a file that was read does not end the run."""
    model, server = opened(Say("a"))
    model.complete([{"role": "user", "content": "half \ud83d"}], [], seed=None)
    assert "half ?" == server.asked[0]["messages"][0]["content"]


REFUSALS = {
    "pydantic": {
        "detail": [
            {"type": "extra_forbidden", "loc": ["body", "top_k"], "msg": "Extra inputs are not permitted", "input": 7}
        ]
    },
    "unknown parameter": {
        "error": {"message": "Unknown parameter: 'top_k'.", "param": "top_k", "code": "unknown_parameter"}
    },
    "unrecognized": {"error": {"message": "Unrecognized request argument supplied: top_k"}},
    "property": {"error": {"message": "property 'top_k' is unsupported, did you mean top_p?"}},
    "backticks": {"error": "`top_k` is not supported by this model"},
    "keyword": {"error": "generate() got an unexpected keyword argument 'top_k'"},
    "schema": {"message": "Additional properties are not allowed ('top_k' was unexpected)"},
    "plain text": 'json: unknown field "top_k"',
    "list of the known": {"error": "Unknown field top_k. Known: min_p, presence_penalty"},
}


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("status", [400, 422])
def test_a_refused_field_is_dropped_and_remembered(opened: Open, slept: Slept, refusal: object, status: int) -> None:
    """The call is repeated at once without it, later calls never send it, and the record says so."""
    body = refusal.encode() if isinstance(refusal, str) else refusal
    model, server = opened(answer(body, status=status), Say("a"), Say("b"))
    assert ["a", "b"] == [model.complete(PROMPT, [], seed=1).content for _ in range(2)]
    first, second, third = (set(asked) for asked in server.asked)
    assert ({"top_k"}, second) == (first - second, third)
    assert ([], ["top_k"]) == (slept, model.server["dropped_fields"])


def test_several_fields_are_dropped_one_by_one(opened: Open) -> None:
    """A server that knows none of the optional fields ends up with the common core."""
    refusals = [answer({"error": f"unknown field {field}"}, status=422) for field in OPTIONAL]
    model, server = opened(*refusals, Say("a"), stream=True)
    model.complete(PROMPT, [], seed=1)
    assert set() == set(OPTIONAL) & set(server.asked[-1])
    assert list(OPTIONAL) == model.server["dropped_fields"]


@pytest.mark.parametrize(
    "detail",
    [
        "top_k must be at most 5",
        "unknown model",
        "unsupported: temperature",
        "unknown field stop_k",
        json.dumps({"detail": [{"type": "missing", "loc": ["body", "prompt"], "input": {"top_k": "unknown"}}]}),
    ],
)
def test_other_refusals_drop_nothing(opened: Open, detail: str) -> None:
    """A wrong value, another field or an echo of the request is an error, and no reason to sample otherwise."""
    assert refused_field(detail, OPTIONAL) is None
    model, server = opened(answer(detail.encode(), status=422))
    with pytest.raises(ModelError):
        model.complete(PROMPT, [], seed=None)
    assert 1 == len(server.asked)


def test_a_field_that_stays_refused_is_an_error(opened: Open) -> None:
    """Dropping ends: a server that refuses what was not sent is told as it is."""
    model, server = opened(*[answer({"error": "unknown field top_k"}, status=422)] * 2)
    with pytest.raises(ModelError, match="HTTP 422"):
        model.complete(PROMPT, [], seed=None)
    assert 2 == len(server.asked)


def test_generated_ids_go_on_through_a_pass(opened: Open) -> None:
    """Ids that a server leaves out are unique in the history, and the same if the call is repeated."""
    said = Say(calls=[("", "one", "{}"), ("", "two", "{}")])
    model, _ = opened(said, said, said)
    first: Reply = model.complete(PROMPT, [], seed=None)
    history = [*PROMPT, first.as_message()]
    again = [model.complete(history, [], seed=None) for _ in range(2)]
    assert ["call00000", "call00001"] == [call.id for call in first.tool_calls]
    assert [["call00002", "call00003"]] * 2 == [[call.id for call in reply.tool_calls] for reply in again]
