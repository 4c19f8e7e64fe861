"""Replies as servers and models in the field make them, driven through the real loop over real HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.config import ModelConfig

from lab import STOP, Lab
from scripted import SSE_TYPE, Raw, answer, delta, stream

REPLIES = Path(__file__).parents[1] / "field" / "replies"
READ = [("read_file", {"path": "calc/add.go"})]


def raw(name: str) -> Raw:
    """The answer that a file of the field holds."""
    data = (REPLIES / name).read_bytes()
    if name.endswith(".json"):
        return answer(json.loads(data))
    if name.endswith(".sse"):
        return stream(data)
    return Raw((data,), "close")


def streamed(name: str) -> Raw:
    """The message of a whole body, told as a stream."""
    choice = json.loads((REPLIES / name).read_text())["choices"][0]
    message = choice["message"]
    parts = [
        delta(**{key: value[at : at + 5]})
        for key in ("reasoning_content", "content")
        if (value := message.get(key))
        for at in range(0, len(value), 5)
    ]
    calls = [call | {"index": place} for place, call in enumerate(message.get("tool_calls", []))]
    if calls:
        parts.append(delta(tool_calls=calls))
    if legacy := message.get("function_call"):
        parts += [delta(function_call={"name": legacy["name"], "arguments": ""})]
        parts += [
            delta(function_call={"arguments": piece}) for piece in (legacy["arguments"][:4], legacy["arguments"][4:])
        ]
    return stream(*parts, delta(choice["finish_reason"]), headers=SSE_TYPE)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def conversation(lab: Lab, *replies: Any, **changes: Any) -> tuple[Any, list[dict[str, Any]]]:
    """One pass over the replies: its record, and the messages of the last request."""
    record = lab.run([*replies, STOP], max_iters=1, **changes)
    return record, lab.asked[-1]["messages"]


def calls_sent(messages: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    functions = [call["function"] for message in messages for call in message.get("tool_calls") or ()]
    return [(function["name"], json.loads(function["arguments"])) for function in functions]


SALVAGED = {
    "qwen3_coder_xml_call.json": ("qwen3_coder", "I look at it first."),
    "qwen3_coder_xml_call_without_opening_tag.json": ("qwen3_coder", "I look at it first."),
    "glm_arg_key_call.json": ("glm", ""),
    "mistral_tool_calls_list.json": ("mistral", ""),
    "harmony_commentary_call.json": ("harmony", ""),
}


@pytest.mark.parametrize("name", SALVAGED)
@pytest.mark.parametrize("told", [raw, streamed])
def test_a_call_as_text_is_carried_out_and_counted(lab: Lab, name: str, told: Any) -> None:
    """The tool runs, the rest of the text stays, and the record says in which form the call came."""
    form, content = SALVAGED[name]
    record, messages = conversation(lab, told(name), stream=told is streamed)
    assert (READ, content) == (calls_sent(messages), messages[2]["content"])
    assert ({form: 1}, 0) == (dict(record.metrics.salvaged_calls), record.metrics.unparsed_calls)
    assert {"read_file": 1} == dict(record.metrics.tool_counts)
    assert {form: 1} == record.as_dict()["salvaged_calls"]


@pytest.mark.parametrize("name", SALVAGED)
def test_switched_off_the_text_ends_the_pass(lab: Lab, name: str) -> None:
    """Without `model.salvage` the same reply is a turn without calls."""
    model = ModelConfig(name="scripted", salvage=False)
    record, _ = conversation(lab, raw(name), model=model)
    assert (["model_stop"], 0, {}) == (record.pass_reasons, record.metrics.tool_calls, record.metrics.salvaged_calls)


TEXTS = {
    "hermes_call_with_raw_line_breaks.json": (
        "calc/add.go",
        "package calc\n\nfunc Add(a, b int) int { return a + b }\n",
    ),
    "hermes_call_whose_text_holds_the_closing_tag.json": (
        "doc.md",
        "A call ends with </tool_call> and nothing else.",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("told", [raw, streamed])
def test_all_of_a_text_is_written(lab: Lab, name: str, told: Any) -> None:
    """Line breaks and tags within a value are the value's."""
    path, content = TEXTS[name]
    _, messages = conversation(lab, told(name), stream=told is streamed)
    assert [("write_file", {"path": path, "content": content})] == calls_sent(messages)
    assert f"wrote {len(content)} bytes to {path}" == messages[-1]["content"]


@pytest.mark.parametrize("told", [raw, streamed])
def test_the_field_before_tool_calls_is_a_call(lab: Lab, told: Any) -> None:
    """`function_call` holds one call, whole or in fragments."""
    _, messages = conversation(lab, told("legacy_function_call_field.json"), stream=told is streamed)
    assert READ == calls_sent(messages)


@pytest.mark.parametrize("told", [raw, streamed])
def test_a_call_that_was_only_considered_is_not_carried_out(lab: Lab, told: Any) -> None:
    """Beside an answer a call in the reasoning is none."""
    record, _ = conversation(lab, told("call_only_considered_in_reasoning.json"), stream=told is streamed)
    assert (["model_stop"], 0) == (record.pass_reasons, record.metrics.tool_calls)


@pytest.mark.parametrize("told", [raw, streamed])
def test_reasoning_in_other_tags_never_goes_back(lab: Lab, told: Any) -> None:
    """`<thinking>` is reasoning, beside a call as well."""
    _, messages = conversation(lab, told("reasoning_in_thinking_tags_beside_a_call.json"), stream=told is streamed)
    assert ("I list the files.", [("list_dir", {})]) == (messages[2]["content"], calls_sent(messages))


@pytest.mark.parametrize(
    "name", ["parallel_calls_all_index_0_without_ids.sse", "parallel_calls_index_0_fragments_come_back_by_id.sse"]
)
def test_parallel_calls_stay_apart(lab: Lab, name: str) -> None:
    """Calls that share an index are told apart by id, or by being whole."""
    _, messages = conversation(lab, raw(name), stream=True)
    assert [("read_file", {"path": "a.go"}), ("read_file", {"path": "b.go"})] == calls_sent(messages)


def test_a_whole_reply_labelled_as_a_stream_is_read(lab: Lab) -> None:
    """An object is a body, whatever its content type says and whatever is glued to it."""
    record, messages = conversation(lab, raw("whole_reply_labelled_as_a_stream.http"))
    assert (READ, ["model_stop"]) == (calls_sent(messages), record.pass_reasons)


def test_a_body_without_content_type_answers_a_stream_request(lab: Lab) -> None:
    """It is read at the first attempt."""
    record = lab.run([raw("json_body_without_content_type_to_a_stream_request.http")], max_iters=1, stream=True)
    assert (["model_stop"], 1, 1) == (record.pass_reasons, record.metrics.model_calls, len(lab.asked))


def test_a_call_that_took_leniency_goes_back_as_it_was_understood(lab: Lab) -> None:
    """A model that sees an empty call answered with a result would learn the wrong thing."""
    call = {"id": "c1", "type": "function", "function": {"name": "functions.go", "arguments": '["version"]'}}
    reply = answer({"choices": [{"message": {"content": "", "tool_calls": [call]}, "finish_reason": "tool_calls"}]})
    record, messages = conversation(lab, reply)
    assert [("go", {"args": ["version"]})] == calls_sent(messages)
    assert {"tool_name": 1, "args_list": 1} == dict(record.metrics.salvaged_calls)
    assert {"go": 1} == dict(record.metrics.tool_counts)


def test_a_broken_call_as_text_is_answered_with_an_error(lab: Lab) -> None:
    """As one that arrives natively: the model learns what was wrong, and the pass goes on."""
    text = '```json\n{"name": "go", "arguments": {"args": ["test" "./..."]}}\n```'
    record, messages = conversation(lab, answer({"choices": [{"message": {"content": text}, "finish_reason": "stop"}]}))
    assert [("go", {})] == calls_sent(messages)
    assert messages[-1]["content"].startswith("ERROR: the arguments of go are not valid JSON")
    assert ({}, 1) == (dict(record.metrics.salvaged_calls), record.metrics.unparsed_calls)
