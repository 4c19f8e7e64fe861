"""What the transcript and the counters hold of an agent's side of the conversation."""

from pathlib import Path
from typing import Any

from metered import MESSAGES, metered

from harness.meter.tool_kinds import ToolKinds

from dialects import Dialect, Say
from scripted import ScriptedServer

KINDS = ToolKinds(
    reads=frozenset({"read"}), loads=frozenset({"list"}), acts=frozenset({"write"}), others=frozenset({"todo"})
)
TOOLS = [{"type": "function", "function": {"name": name}} for name in ("read", "list", "write", "todo", "bash")]


def history(turn: Say, *results: str) -> list[dict[str, Any]]:
    """The messages of the request after a turn."""
    calls = [{"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in turn.calls]
    answers = [
        {"role": "tool", "tool_call_id": call[0], "content": text}
        for call, text in zip(turn.calls, results, strict=True)
    ]
    return [*MESSAGES, {"role": "assistant", "content": turn.content, "tool_calls": calls}, *answers]


def test_each_message_is_written_once(tmp_path: Path) -> None:
    """The transcript holds all that the model saw: requests, replies, and the results of tools as their own events."""
    turn = Say("I read.", calls=[("c1", "read", "{}")])
    more = [*history(turn, "ä file"), {"role": "user", "content": "Go on."}]
    with ScriptedServer([turn, Say("Done.")]) as server, metered(tmp_path, server.endpoint, kinds=KINDS) as one:
        one.chat(tools=TOOLS)
        one.chat(tools=TOOLS, messages=more)
    assert ["request", "reply", "tool", "request", "reply"] == [event["event"] for event in one.events]
    first, second = one.events_of("request")
    assert (0, MESSAGES, TOOLS) == (first["kept"], first["messages"], first["tools"])
    assert (2, [{"role": "user", "content": "Go on."}], None) == (second["kept"], second["messages"], second["tools"])
    [tool] = one.events_of("tool")
    assert (1, "read", "c1", "ä file", None) == tuple(
        tool[name] for name in ("step", "name", "id", "result", "seconds")
    )
    assert 7 == one.totals.read_bytes


def test_a_history_whose_beginning_changes_is_not_written_again(tmp_path: Path) -> None:
    """An agent that puts the time into its system prompt costs the transcript one message a call."""
    turn = Say("I read.", calls=[("c1", "read", "{}")])
    system = {"role": "system", "content": "It is 12:01."}
    with ScriptedServer([turn, Say("a"), Say("b")]) as server, metered(tmp_path, server.endpoint, kinds=KINDS) as one:
        one.chat(tools=TOOLS)
        one.chat(tools=TOOLS, messages=[system, *history(turn, "text")[1:]])
        one.chat(tools=TOOLS, messages=[{**system, "content": "It is 12:02."}, *history(turn, "text")[1:]])
    first, second, third = (event["messages"] for event in one.events_of("request"))
    assert (MESSAGES, [system], 1) == (first, second, len(third))
    assert 1 == len(one.events_of("tool"))


def test_results_of_calls_with_the_same_id_are_all_there(tmp_path: Path) -> None:
    """Some servers give calls the same id again and again."""
    turn = Say("", calls=[("call_0", "read", "{}")])
    once = history(turn, "same")
    with ScriptedServer([turn, turn, Say("Done.")]) as server, metered(tmp_path, server.endpoint, kinds=KINDS) as one:
        for messages in (MESSAGES, once, [*once, *once[2:]]):
            one.chat(tools=TOOLS, messages=messages)
    assert [1, 2] == [event["step"] for event in one.events_of("tool")]
    assert 8 == one.totals.read_bytes


def test_loads_and_acts_are_those_of_known_tools(tmp_path: Path) -> None:
    """Tools that do neither count as neither."""
    calls = [("c1", "read", "{}"), ("c2", "list", "{}"), ("c3", "write", "{}"), ("c4", "todo", "{}")]
    with ScriptedServer([Say(calls=calls)]) as server, metered(tmp_path, server.endpoint, kinds=KINDS) as one:
        one.chat(tools=TOOLS)
        result = one.meter.exited()
    assert (2, 1, 4) == (result.loads, result.acts, result.metrics.tool_calls)
    assert 1 == one.totals.tool_counts["todo"]


def test_a_shell_makes_loads_and_acts_unknown(tmp_path: Path) -> None:
    """It may read and write: what it did is null, and never 0."""
    turn = Say(calls=[("c1", "write", "{}"), ("c2", "bash", '{"command": "cat a"}')])
    with ScriptedServer([turn]) as server, metered(tmp_path, server.endpoint, kinds=KINDS) as one:
        one.chat(tools=TOOLS)
        result = one.meter.exited()
    assert (None, None, None) == (result.loads, result.acts, result.metrics.read_bytes)
    assert (2, None) == (one.totals.tool_calls, one.totals.read_bytes)


def test_calls_that_an_agent_writes_as_text_are_unknown(tmp_path: Path) -> None:
    """An agent that offers no tools reads its calls from the text: their number is null, and never 0."""
    with ScriptedServer([Say("```bash\nls\n```")]) as server, metered(tmp_path, server.endpoint, kinds=KINDS) as one:
        one.chat()
        result = one.meter.exited()
    assert (None, None, None) == (result.loads, result.acts, result.metrics.tool_calls)
    assert None is one.totals.tool_calls
    assert 1 == result.metrics.model_calls


def test_without_kinds_nothing_is_known(tmp_path: Path) -> None:
    """The names of the built-in agent's tools mean nothing in another agent."""
    with ScriptedServer([Say(calls=[("c1", "read_file", "{}")])]) as server, metered(tmp_path, server.endpoint) as one:
        one.chat(tools=TOOLS)
        assert None is one.meter.exited().loads


def test_usage_is_requested_of_every_stream_and_hidden_where_it_was_not(tmp_path: Path) -> None:
    """The meter has the server's count, and the agent the chunks that it requested."""
    with ScriptedServer([Say("one"), Say("two")]) as server, metered(tmp_path, server.endpoint) as one:
        without = one.chat(stream=True)
        requested = one.chat(stream=True, stream_options={"include_usage": True})
    assert [{"include_usage": True}] * 2 == [body["stream_options"] for body in server.asked]
    assert ("usage" in without.text, "usage" in requested.text) == (False, True)
    assert without.text.rstrip().endswith("data: [DONE]")
    assert (200, False) == (one.totals.total_tokens, one.totals.usage_estimated)


def test_a_server_without_usage_is_estimated_and_said_so(tmp_path: Path) -> None:
    """The prompt is that of the agent."""
    silent = Say("a" * 40, dialect=Dialect(usage="never"))
    with ScriptedServer([silent]) as server, metered(tmp_path, server.endpoint) as one:
        one.chat(stream=True)
    assert (10, True) == (one.totals.completion_tokens, one.totals.usage_estimated)
    assert 20 < one.totals.prompt_tokens < 40


def test_conversations_side_by_side_are_kept_apart(tmp_path: Path) -> None:
    """A call for a title between two of the main conversation repeats nothing in the transcript."""
    title = [{"role": "user", "content": "Name this."}]
    longer = [*MESSAGES, {"role": "assistant", "content": "one"}, {"role": "user", "content": "more"}]
    turns = [Say("one"), Say("Title"), Say("two")]
    with ScriptedServer(turns) as server, metered(tmp_path, server.endpoint) as one:
        for messages in (MESSAGES, title, longer):
            one.chat(messages=messages)
    assert [MESSAGES, title, longer[3:]] == [event["messages"] for event in one.events_of("request")]
