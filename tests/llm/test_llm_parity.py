"""Streamed or not, in whatever manner a server speaks: the same reply."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from any_turn import turns
from hypothesis import HealthCheck, given, settings

from harness.config import ModelConfig
from harness.llm.client import OpenAIChat
from harness.llm.types import Reply, ToolCall, Usage
from harness.llm.usage import estimated

from dialects import Dialect, Say
from scripted import ScriptedServer

MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Grüße, 世界"}]
TOLD = Usage(70, 30, 100, 40, 1.5)


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(said=turns())
def test_a_turn_is_one_reply_in_every_dialect_streamed_or_not(server: ScriptedServer, said: Say) -> None:
    """Whatever the dialect, both ways give exactly the turn that was said, reasoning apart from content."""
    server.add(said, said)
    model = ModelConfig(name="m")
    with OpenAIChat(model, server.endpoint, stream=True) as streaming, OpenAIChat(model, server.endpoint) as plain:
        streamed = streaming.complete(MESSAGES, [], seed=None)
        whole = plain.complete(MESSAGES, [], seed=None)
    expected = Reply(
        content=said.content,
        reasoning=said.reasoning,
        tool_calls=tuple(ToolCall(*call) for call in said.calls),
        finish_reason=said.finish_reason,
    )
    usage = estimated(MESSAGES, [], expected) if said.dialect.usage == "never" else TOLD
    assert replace(expected, usage=usage) == streamed
    assert streamed == whole


def test_reasoning_that_was_cut_off_is_reasoning_both_ways(server: ScriptedServer) -> None:
    """A block without its closing tag never leaks into the content."""
    said = Say("", "still thinking", finish="length", dialect=Dialect(reasoning="unclosed", piece=2))
    server.add(said, said)
    replies = []
    for stream in (True, False):
        with OpenAIChat(ModelConfig(name="m"), server.endpoint, stream=stream) as model:
            replies.append(model.complete(MESSAGES, [], seed=None))
    expected = Reply(reasoning="still thinking", finish_reason="length", usage=TOLD)
    assert [expected, expected] == replies
