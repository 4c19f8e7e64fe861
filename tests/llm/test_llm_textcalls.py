"""Calls that arrive as text, through the real client: streamed or not, in any pieces, or left alone."""

import json

import pytest
from asking import PROMPT, Open
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_forms import SPECS

from harness.config import ModelConfig
from harness.limits import Deadline
from harness.llm.forms import FORMS
from harness.llm.limits import CallLimits
from harness.llm.replies import read_stream
from harness.llm.types import ToolCall

from dialects import Dialect, Say, stream_body

CALL = '<tool_call>\n{"name": "list_dir", "arguments": {"path": "ä"}}\n</tool_call>'
SALVAGED = ToolCall("call00000", "list_dir", '{"path": "ä"}')
CONSIDERED = f"I could {CALL} but would I?"


def test_calls_as_text_can_be_left_alone(opened: Open) -> None:
    """Switched off, text stays text, and nothing is said of it."""
    model, _ = opened(Say(CALL), config=ModelConfig(name="m", salvage=False))
    reply = model.complete(PROMPT, SPECS, seed=None)
    assert (CALL, (), 0) == (reply.content, reply.tool_calls, reply.unparsed)


@pytest.mark.parametrize(
    ("said", "content", "calls"),
    [
        (
            Say(f"Look:\n{CALL} and\n{CALL}"),
            "Look:\n and",
            (SALVAGED, ToolCall("call00001", "list_dir", '{"path": "ä"}')),
        ),
        (Say("", f"hm {CALL}"), "", (SALVAGED,)),
        (Say(f"<think>hm {CALL}"), "", (SALVAGED,)),
        (Say("No.", CONSIDERED), "No.", ()),
        (Say(f"<think>{CONSIDERED}</think>No."), "No.", ()),
        (Say(CALL.removesuffix("</tool_call>")), "", (SALVAGED,)),
        (Say('<tool_call>{"name": "go", "parameters": "{}"}</tool_call>'), "", (ToolCall("call00000", "go", "{}"),)),
        (Say('<tool_call>{"name": "done"}</tool_call>'), "", (ToolCall("call00000", "done", "{}"),)),
        (Say("<tool_call>{broken</tool_call> x"), "<tool_call>{broken</tool_call> x", ()),
        (Say('<tool_call>{"name": 7}</tool_call>'), '<tool_call>{"name": 7}</tool_call>', ()),
        (Say(CALL, calls=[("x", "go", "{}")]), CALL, (ToolCall("x", "go", "{}"),)),
    ],
)
def test_calls_as_text_are_salvaged(opened: Open, said: Say, content: str, calls: tuple[ToolCall, ...]) -> None:
    """Calls in the content become calls where there is no other; those in reasoning only where there is no content."""
    for streamed in (True, False):
        model, _ = opened(said, stream=streamed)
        reply = model.complete(PROMPT, SPECS, seed=None)
        assert (content, calls) == (reply.content, reply.tool_calls)
        assert ["" if said.calls else "hermes"] * len(calls) == [call.form for call in reply.tool_calls]


def test_a_broken_call_reaches_the_loop_as_one(opened: Open) -> None:
    """It is no salvaged call and no content: the tool will answer it with an error."""
    model, _ = opened(Say('Look:\n```json\n{"name": "go", "arguments": {"args": ["test" "./..."]}}\n```'))
    reply = model.complete(PROMPT, SPECS, seed=None)
    assert ("Look:", ["go"], 1) == (reply.content, [call.name for call in reply.tool_calls], reply.unparsed)
    assert "" == reply.tool_calls[0].form
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(reply.tool_calls[0].arguments.removesuffix("```"))


limits = CallLimits(ModelConfig(name="m"), Deadline(), streamed=True)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    form=st.sampled_from(FORMS),
    words=st.sampled_from(["", "Grüße, 世界: ", "<think>hm</think>"]),
    piece=st.integers(0, 7),
    data=st.data(),
)
def test_a_stream_cut_anywhere_gives_the_calls_of_the_whole(form, words, piece, data) -> None:  # type: ignore[no-untyped-def]
    """Neither the pieces of the text nor those of the bytes matter."""
    text = f"{words}\n{form.example}"
    body = stream_body(Say(text, dialect=Dialect(piece=piece)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=8)))
    chunks = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    whole = read_stream([stream_body(Say(text))], limits).reply(PROMPT, SPECS)
    assert whole == read_stream(chunks, limits).reply(PROMPT, SPECS)
    assert [form.name] == [call.form for call in whole.tool_calls]
