"""Tools as text: what is sent in their place."""

import json

import pytest
from asking import Open

from harness.config import ModelConfig, ToolsMode
from harness.llm.types import JSON
from harness.llm.wire import as_text, system_text

from dialects import Say

TEXT = ModelConfig(name="m", tools=ToolsMode.text)


def tool(name: str, *required: str, **properties: JSON) -> JSON:
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "description": f"Does {name}.", "parameters": parameters}}


READ = tool("read_file", "path", path={"type": "string", "description": "Path of the file."})
GO = tool(
    "go", "args", args={"type": "array", "items": {"type": "string"}}, dir={"type": "string", "description": "Where."}
)


def call(name: str, arguments: str, identity: str = "call_1") -> JSON:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


HISTORY: list[JSON] = [
    {"role": "system", "content": "You are alone."},
    {"role": "user", "content": "Begin."},
    {
        "role": "assistant",
        "content": "I look.",
        "tool_calls": [call("read_file", '{"path": "ä.go"}'), call("go", '{"args": ["test", "./..."]}', "call_2")],
    },
    {"role": "tool", "tool_call_id": "call_1", "content": "package a"},
    {"role": "tool", "tool_call_id": "call_2", "content": "ok"},
    {"role": "assistant", "content": "", "tool_calls": [call("go", "{}")]},
    {"role": "tool", "tool_call_id": "call_1", "content": "ERROR: go needs args, a list of strings"},
]


def test_the_conversation_is_told_in_roles_that_every_template_knows() -> None:
    """Calls and results are text, results in a row one message, and user and assistant take turns."""
    system, *rest = as_text(HISTORY, [READ, GO])
    expected = [
        ("user", "Begin."),
        (
            "assistant",
            'I look.\n<tool_call>\n{"name": "read_file", "arguments": {"path": "ä.go"}}\n</tool_call>\n'
            '<tool_call>\n{"name": "go", "arguments": {"args": ["test", "./..."]}}\n</tool_call>',
        ),
        ("user", "<tool_response>\npackage a\n</tool_response>\n<tool_response>\nok\n</tool_response>"),
        ("assistant", '<tool_call>\n{"name": "go", "arguments": {}}\n</tool_call>'),
        ("user", "<tool_response>\nERROR: go needs args, a list of strings\n</tool_response>"),
    ]
    assert expected == [(message["role"], message["content"]) for message in rest]
    assert {"role": "system", "content": system_text("You are alone.", [READ, GO])} == system
    assert all({"role", "content"} == set(message) for message in rest)


def test_a_growing_history_keeps_its_beginning() -> None:
    """Up to the message under way, so that a prompt cache serves."""
    whole = as_text(HISTORY, [READ, GO])
    for length in (2, 5, 7):
        part = as_text(HISTORY[:length], [READ, GO])
        assert part == whole[: len(part)]


def test_the_system_prompt_tells_each_tool_and_one_form_of_a_call() -> None:
    """Name, arguments, which of them are required, and a call to copy, which is JSON."""
    text = system_text("You are alone.", [READ, GO])
    assert text.startswith("You are alone.\n\n# Calling tools")
    assert "- path (string, required): Path of the file.\n" in text
    assert "- args (array of strings, required)\n- dir (string, optional): Where.\n" in text
    examples = [line.removeprefix("Example: ") for line in text.splitlines() if line.startswith("Example: ")]
    assert ["read_file", "go"] == [json.loads(example)["name"] for example in examples]
    assert f"<tool_call>\n{examples[0]}\n</tool_call>" in text


def test_without_tools_nothing_is_added() -> None:
    """A plain question stays one."""
    assert HISTORY[:2] == as_text(HISTORY[:2], [])


def test_without_a_system_prompt_there_is_one_for_the_tools() -> None:
    """They are told first."""
    assert ["system", "user"] == [message["role"] for message in as_text(HISTORY[1:2], [READ])]


@pytest.mark.parametrize("streamed", [True, False])
def test_calls_come_back_as_calls(opened: Open, streamed: bool) -> None:
    """The request has no field for tools, and what the model writes is a call all the same."""
    said = 'Now.\n<tool_call>\n{"name": "read_file", "arguments": {"path": "a.go"}}\n</tool_call>'
    model, server = opened(Say(said), config=TEXT, stream=streamed)
    reply = model.complete(HISTORY, [READ, GO], seed=None)
    assert [("read_file", {"path": "a.go"})] == [(one.name, json.loads(one.arguments)) for one in reply.tool_calls]
    assert "Now." == reply.content
    assert ("tools" in server.asked[0], as_text(HISTORY, [READ, GO])) == (False, server.asked[0]["messages"])


def test_a_server_that_reads_the_calls_itself_is_welcome(opened: Open) -> None:
    """Some parse what looks like a call even where no tools were sent."""
    model, _ = opened(Say("", calls=(("x", "read_file", '{"path": "a.go"}'),)), config=TEXT)
    assert ["read_file"] == [one.name for one in model.complete(HISTORY, [READ], seed=None).tool_calls]
