"""Chat completions of a command agent through the metering proxy."""

import json
from pathlib import Path

import pytest
from metered import MESSAGES, metered

from dialects import FULL_USAGE, Dialect, Say
from scripted import ScriptedServer, answer

TOOLS = [{"type": "function", "function": {"name": "write", "parameters": {"type": "object", "properties": {}}}}]


@pytest.mark.parametrize("stream", [False, True])
def test_a_call_reaches_the_server_and_is_counted(tmp_path: Path, stream: bool) -> None:
    """The agent has the server's reply, streamed or not, and the meter its tokens."""
    call = ("c1", "write", '{"path": "a"}')
    with (
        ScriptedServer([Say("Hello", calls=[call], usage=FULL_USAGE)]) as server,
        metered(tmp_path, server.endpoint) as one,
    ):
        reply = one.chat(stream=stream, tools=TOOLS, extra={"kept": 1})
        assert 200 == reply.status_code
        assert "Hello" in reply.text
    [sent] = server.asked
    assert MESSAGES == sent["messages"]
    assert {"kept": 1} == sent["extra"]
    assert (1, 100, 100) == (one.totals.model_calls, one.totals.total_tokens, one.meter.result.peak_tokens)
    assert not one.totals.usage_estimated
    [event] = one.events_of("reply")
    assert [{"id": "c1", "name": "write", "arguments": '{"path": "a"}'}] == event["tool_calls"]


def test_sampling_is_forced(tmp_path: Path) -> None:
    """The server gets the sampling of the config, and never the agent's own; `max_tokens` is only lowered."""
    with (
        ScriptedServer([Say("one"), Say("two")]) as server,
        metered(tmp_path, server.endpoint, temperature=0.3, top_p=0.5, max_tokens=1000, next_seed=lambda: 7) as one,
    ):
        one.chat(temperature=1.5, top_p=0.1, max_tokens=50, seed=1)
        one.chat(max_completion_tokens=5000)
    first, second = server.asked
    names = ("model", "temperature", "top_p", "max_tokens", "seed")
    assert ["the-model", 0.3, 0.5, 50, 7] == [first[name] for name in names]
    assert 1000 == second["max_completion_tokens"]
    assert "max_tokens" not in second


def test_the_key_stays_with_the_harness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server gets the user's key; the agent gets none of it, not even from a server that echoes it."""
    monkeypatch.setenv("THE_KEY", "sk-secret-1")
    echo = answer(
        {"error": {"message": "Incorrect API key provided: sk-secret-1"}}, status=401, headers={"X-Key": "sk-secret-1"}
    )
    told = Say("my key is sk-secret-1", dialect=Dialect(cut=3))
    with ScriptedServer([echo, told]) as server, metered(tmp_path, server.endpoint, api_key_env="THE_KEY") as one:
        refused = one.chat()
        streamed = one.chat(stream=True, stream_options={"include_usage": True})
    assert ["Bearer sk-secret-1"] * 2 == [request.headers["authorization"] for request in server.requests]
    assert 401 == refused.status_code
    for reply in (refused, streamed):
        assert "sk-secret-1" not in reply.text + json.dumps(dict(reply.headers))
