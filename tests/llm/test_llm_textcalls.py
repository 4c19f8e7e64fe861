"""Tool calls that arrive as text: left alone, or salvaged where that was asked for."""

import pytest
from asking import PROMPT, Open

from harness.config import ModelConfig
from harness.llm.types import ToolCall

from dialects import Say

CALL = '<tool_call>\n{"name": "list_dir", "arguments": {"path": "ä"}}\n</tool_call>'
SALVAGED = ToolCall("call_0", "list_dir", '{"path": "ä"}')


def test_calls_as_text_can_be_left_alone(opened: Open) -> None:
    """Switched off, text stays text, and nothing is said of it."""
    model, _ = opened(Say(CALL), config=ModelConfig(name="m", salvage=False))
    reply = model.complete(PROMPT, [], seed=None)
    assert (CALL, ()) == (reply.content, reply.tool_calls)
    assert "salvaged_calls" not in model.server


@pytest.mark.parametrize(
    ("said", "content", "calls"),
    [
        (Say(f"Look:\n{CALL} and\n{CALL}"), "Look:\n and", (SALVAGED, ToolCall("call_1", "list_dir", '{"path": "ä"}'))),
        (Say("", f"hm {CALL}"), "", (SALVAGED,)),
        (Say(CALL.removesuffix("</tool_call>")), "", (SALVAGED,)),
        (Say('<tool_call>{"name": "go", "parameters": "{}"}</tool_call>'), "", (ToolCall("call_0", "go", "{}"),)),
        (Say('<tool_call>{"name": "done"}</tool_call>'), "", (ToolCall("call_0", "done", "{}"),)),
        (Say("<tool_call>{broken</tool_call> x"), "<tool_call>{broken</tool_call> x", ()),
        (Say('<tool_call>{"name": 7}</tool_call>'), '<tool_call>{"name": 7}</tool_call>', ()),
        (Say(CALL, calls=[("x", "go", "{}")]), CALL, (ToolCall("x", "go", "{}"),)),
    ],
)
def test_calls_as_text_are_salvaged(opened: Open, said: Say, content: str, calls: tuple[ToolCall, ...]) -> None:
    """Calls in the content, else in the reasoning, become calls where there is no other; the record counts them."""
    for streamed in (True, False):
        model, _ = opened(said, stream=streamed)
        reply = model.complete(PROMPT, [], seed=None)
        assert (content, calls, said.reasoning) == (reply.content, reply.tool_calls, reply.reasoning)
        assert len(calls) - len(said.calls) == model.server.get("salvaged_calls", 0)
