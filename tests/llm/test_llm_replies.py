"""Whole bodies, odd ones among them, and the usage that comes with them."""

from typing import Any

import pytest
from asking import PROMPT, Open
from hypothesis import given
from hypothesis import strategies as st

from harness.config import ModelConfig
from harness.limits import Deadline
from harness.llm.errors import ModelError
from harness.llm.limits import CallLimits
from harness.llm.replies import read_body, read_stream
from harness.llm.types import Reply, Usage
from harness.llm.usage import estimated, reported
from harness.llm.wire import encoded

from scripted import answer, delta, stream

UNLIMITED = CallLimits(ModelConfig(name="m"), Deadline(), streamed=True)

NOTHING: list[object] = [
    None,
    [],
    {},
    "7",
    7,
    True,
    {"total_tokens": None},
    {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
]


def ask(opened: Open, body: object) -> Reply:
    model, _ = opened(answer(body))
    return model.complete(PROMPT, [], seed=None)


@pytest.mark.parametrize("body", [{}, {"choices": []}, {"choices": None}, {"choices": "x"}, {"choices": [None]}])
def test_no_choices_is_an_empty_reply(opened: Open, body: object) -> None:
    """The server answered and said nothing: that is told, not raised."""
    reply = ask(opened, body)
    assert (True, "", ()) == (reply.empty, reply.content, reply.tool_calls)


@pytest.mark.parametrize("choice", [{}, {"message": None}, {"message": {"content": None}}, {"message": {"content": 7}}])
def test_a_choice_without_text_is_a_plain_turn(opened: Open, choice: object) -> None:
    """Null, missing or odd content is no content, and the reply is not empty."""
    reply = ask(opened, {"choices": [choice]})
    assert (False, "", ()) == (reply.empty, reply.content, reply.tool_calls)


@pytest.mark.parametrize("calls", [None, [], {}, [None], [{}]])
def test_a_finish_for_tool_calls_without_any_is_a_plain_turn(opened: Open, calls: object) -> None:
    """What the finish reason promises does not make a call."""
    reply = ask(
        opened, {"choices": [{"message": {"content": "x", "tool_calls": calls}, "finish_reason": "tool_calls"}]}
    )
    assert ("x", (), "tool_calls") == (reply.content, reply.tool_calls, reply.finish_reason)


def test_content_in_parts_is_joined(opened: Open) -> None:
    """Content may be a list of parts; what is no text is left out."""
    parts = [{"type": "text", "text": "a"}, {"type": "image_url", "image_url": {}}, None, {"text": 3}, {"text": "b"}]
    assert "ab" == ask(opened, {"choices": [{"message": {"content": parts}}]}).content


def test_whole_calls_keep_their_place(opened: Open) -> None:
    """In a whole body the place in the list is what numbers a call, even where every index says 0."""
    calls = [{"index": 0, "id": "", "function": {"name": name, "arguments": {}}} for name in ("one", "two")]
    reply = ask(opened, {"choices": [{"message": {"tool_calls": calls}}]})
    assert [("call00000", "one", "{}"), ("call00001", "two", "{}")] == [
        (c.id, c.name, c.arguments) for c in reply.tool_calls
    ]


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}, Usage(3, 4, 7)),
        ({"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 9}, Usage(3, 4, 9)),
        ({"prompt_tokens": 3, "completion_tokens": 4}, Usage(3, 4, 7)),
        ({"prompt_tokens": 3, "completion_tokens": 0, "total_tokens": 0}, Usage(3, 0, 3)),
        ({"prompt_tokens": None, "completion_tokens": 4, "total_tokens": 7}, Usage(3, 4, 7)),
        ({"prompt_tokens": 3, "completion_tokens": "4", "total_tokens": 7.0}, Usage(3, 4, 7)),
        ({"total_tokens": 7}, Usage(7, 0, 7)),
        ({"prompt_tokens": 9, "total_tokens": 7}, Usage(9, 0, 7)),
        ({"total_tokens": 7, "prompt_tokens_details": {"cached_tokens": 5}, "total_time": 2}, Usage(7, 0, 7, 5, 2.0)),
        ({"total_tokens": 7, "prompt_tokens_details": None, "total_time": "soon"}, Usage(7, 0, 7)),
        ({"total_tokens": 7, "prompt_tokens_details": {"cached_tokens": "all"}, "total_time": -1}, Usage(7, 0, 7)),
        ({"total_tokens": 7, "prompt_tokens": True, "total_time": float("inf")}, Usage(7, 0, 7)),
        *((nothing, None) for nothing in NOTHING),
        ({"completion_tokens": 4}, None),
        ({"prompt_tokens": 4}, None),
        ({"total_tokens": -7}, None),
        ({"total_tokens": 10**400}, None),
        ({"total_tokens": float("nan")}, None),
    ],
)
def test_usage_is_read_for_what_it_tells(raw: object, usage: Usage | None) -> None:
    """Two counts give the third, a total is believed, and garbage is nothing told."""
    assert usage == reported(raw)


@pytest.mark.parametrize("raw", NOTHING)
def test_missing_usage_is_estimated_by_the_rule(opened: Open, raw: object) -> None:
    """A token for every four bytes of the request's messages and tools, and of all that was generated, rounded up."""
    body = {"choices": [{"message": {"content": "äöü", "reasoning": "12"}}], "usage": raw}
    sizes = len(encoded(PROMPT)) + len(encoded([])), len("äöü12".encode())
    prompt, completion = (-(-size // 4) for size in sizes)
    assert Usage(prompt, completion, prompt + completion, estimated=True) == ask(opened, body).usage


def test_the_estimate_grows_with_the_history() -> None:
    """The context limit still bites with a server that never counts."""
    longer = [*PROMPT, {"role": "tool", "content": "x" * 4000}]
    assert 1000 <= estimated(longer, [], Reply()).total_tokens - estimated(PROMPT, [], Reply()).total_tokens <= 1020


def test_usage_that_is_repeated_counts_once(opened: Open) -> None:
    """Servers that tell usage with every chunk are taken at their last word, not at a later silence."""
    chunks = [
        delta(content="a").replace(b'{"choices"', b'{"usage": {"total_tokens": %d}, "choices"' % n) for n in (5, 6)
    ]
    model, _ = opened(stream(*chunks, delta("stop").replace(b'{"choices"', b'{"usage": null, "choices"')), stream=True)
    assert 6 == model.complete(PROMPT, [], seed=None).usage.total_tokens


FIELDS = [
    "choices",
    "message",
    "delta",
    "content",
    "reasoning",
    "finish_reason",
    "usage",
    "total_tokens",
    "error",
    "code",
]
PARTS = ["tool_calls", "function", "name", "arguments", "index", "id", "prompt_tokens_details", "object", "text"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | st.text(max_size=3) | st.just("tool_calls"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS + PARTS), inner, max_size=4),
    max_leaves=25,
)


@given(json_values)
def test_no_shape_of_json_crashes_the_reader(payload: Any) -> None:
    """Whatever a server sends, streamed or not, gives a reply or a fault that is told, and never another exception."""
    shapes = [payload, {"choices": [{"message": payload}]}, {"choices": [{"delta": payload}], "usage": payload}]
    for shape in shapes:
        for read in (read_body, lambda data: read_stream([b"data: ", data, b"\n\ndata: [DONE]\n\n"], UNLIMITED)):
            try:
                reply = read(encoded(shape)).reply(PROMPT, [])
            except ModelError:
                continue
            encoded(reply.as_message()).decode()
            assert reply.usage.total_tokens >= 0
