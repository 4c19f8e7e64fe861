"""In whatever dialect a server speaks, an agent behind the meter has the reply that it would have without."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from any_turn import turns
from hypothesis import HealthCheck, given, settings
from metered import MESSAGES, Metered, metered

from harness.config import ModelConfig
from harness.llm.client import OpenAIChat

from dialects import Say
from scripted import ScriptedServer


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ScriptedServer, Metered]]:
    """A server, and a pass in front of it."""
    with ScriptedServer() as server, metered(tmp_path_factory.mktemp("pass"), server.endpoint) as pass_:
        yield server, pass_


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(said=turns())
def test_a_chat_completion_is_the_same_through_the_meter(one: tuple[ScriptedServer, Metered], said: Say) -> None:
    """Streamed or not, and the meter has read what the client reads."""
    server, metered_pass = one
    for stream in (True, False):
        server.add(said, said)
        replies = []
        for endpoint in (server.endpoint, metered_pass.proxy.endpoint):
            with OpenAIChat(ModelConfig(name="the-model"), endpoint, stream=stream) as client:
                replies.append(client.complete(MESSAGES, [], seed=None))
        assert replies[0] == replies[1]
        event = metered_pass.events_of("reply")[-1]
        assert (replies[0].content, replies[0].reasoning) == (event["content"], event["reasoning"])
        assert vars(replies[0].usage)["total_tokens"] == event["usage"]["total_tokens"]
        calls = [{"id": call.id, "name": call.name, "arguments": call.arguments} for call in replies[0].tool_calls]
        assert calls == event["tool_calls"]


def _response(reply: httpx.Response, *, stream: bool) -> tuple[str, str, list[tuple[str, str]]]:
    """Reasoning, text and calls of a response."""
    whole = json.loads(reply.text.strip().split("data: ")[-1])["response"] if stream else reply.json()
    found: dict[str, Any] = {"reasoning": "", "message": ""}
    calls = []
    for item in whole["output"]:
        if item["type"] == "function_call":
            calls.append((item["name"], item["arguments"]))
        else:
            found[item["type"]] += "".join(part["text"] for part in item["content"])
    return found["reasoning"].strip(), found["message"].strip(), calls


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(said=turns())
def test_a_response_is_the_same_streamed_or_not(one: tuple[ScriptedServer, Metered], said: Say) -> None:
    """Reasoning is apart from the text in every dialect but the one that does not mark its beginning."""
    server, metered_pass = one
    marked = said.dialect.reasoning != "unopened"
    said = said if marked else replace(said, reasoning="")
    for stream in (True, False):
        server.add(said)
        reply = metered_pass.http.post("/responses", json={"input": "go", "stream": stream})
        assert (said.reasoning, said.content, [call[1:] for call in said.calls]) == _response(reply, stream=stream)
