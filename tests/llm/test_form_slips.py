"""Slips and variants of the forms, values that are nearly JSON, and forms that are not read."""

import pytest

from harness.llm.forms import Parts, split_text
from tests.llm.test_forms import READ, TOOLS, made

SLIPS = {
    '<tool_call>{"name": "functions.read-file", "arguments": {"path": "a.go"}}</tool_call>': "hermes",
    '<tool_call>[{"name": "Read_File", "arguments": {"path": "a.go"}}]</tool_call>': "hermes",
    '<tool_call>{"name": "read_file", "arguments": {"path": "a.go"}}}\n</tool_call>': "hermes",
    '<tool_call>read_file{"path": "a.go"}</tool_call>': "hermes",
    '<tool_call>read_file(path="a.go")</tool_call>': "hermes",
    '<tool_call>\n```json\n{"name": "read_file", "arguments": {"path": "a.go"}}\n```\n</tool_call>': "hermes",
    '```\n{"name": "read_file", "arguments": {"path": "a.go"}}\n```': "fenced_json",
    '```tool_call\n[{"name": "read_file", "arguments": {"path": "a.go"}}]\n```': "fenced_json",
    '```json {"name": "read_file", "arguments": {"path": "a.go"}} ```': "fenced_json",
    '```json\n{"name": "read_file", "arguments": {"path": "a.go"}}': "fenced_json",
    '```json\n{"name": "read_file", "path": "a.go"}\n```': "fenced_json",
    '{"type": "function", "function": {"name": "read_file", "arguments": "{\\"path\\": \\"a.go\\"}"}}': "bare_json",
    '{"tool_calls": [{"function": {"name": "read_file", "arguments": {"path": "a.go"}}}]}': "bare_json",
    '[{"name": "read_file", "parameters": {"path": "a.go"}}]<|eot_id|>': "bare_json",
    '<function=read_file>{"path": "a.go"}</function>': "qwen3_coder",
    "<function=read_file>\n<parameter=path>\na.go\n</function>\n</tool_call>": "qwen3_coder",
    '[TOOL_CALLS]read_file{"path": "a.go"}': "mistral",
    '[TOOL_CALLS]read_file[CALL_ID]x1[ARGS]{"path": "a.go"}': "mistral",
    '<|python_tag|>read_file.call(path="a.go")<|eom_id|>': "llama3",
    '```tool_code\nprint(default_api.read_file(path="a.go"))\n```': "tool_code",
    '<｜tool▁call▁begin｜>read_file<｜tool▁sep｜>{"path": "a.go"}<｜tool▁call▁end｜>': "deepseek",
    '<｜DSML｜function_calls>\n<｜DSML｜invoke name="read_file">\n<｜DSML｜parameter name="path" string="true">a.go'
    "</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>": "invoke",
    '<|start|>assistant to=functions.read_file<|channel|>commentary json<|message|>{"path": "a.go"}<|call|>': "harmony",
    "<read_file>\n<path>a.go</path>\n</read_file>": "attributes",
    "<tool_call>\n{'name': 'read_file', 'arguments': {'path': 'a.go'}}\n</tool_call>": "hermes",
    "```python\n{'name': 'read_file', 'arguments': {'path': 'a.go'}}\n```": "fenced_json",
    "{'name': 'read_file', 'arguments': {'path': 'a.go', }}": "bare_json",
    '```JSON\n{"name": "read_file", "arguments": {"path": "a.go",},}\n```': "fenced_json",
    '```json\n{\n  // first\n  name: "read_file", /* then */\n  arguments: {path: `a.go`}\n}\n```': "fenced_json",
    '<tool_call>\n{"name": "read_file", "arguments": {"path": "a.go"}\n</tool_call>': "hermes",
    '```json\n{"name": "read_file", "arguments": {"path": "a.go"}\n```': "fenced_json",
    '<tool_call>{"read_file": {"path": "a.go"}}</tool_call>': "hermes",
    '```json\n{"action": "read_file", "action_input": {"path": "a.go"}}\n```': "fenced_json",
    '\ufeff{"name": "read_file", "arguments": {"path": "a.go"}}': "bare_json",
    '<function name="read_file">\n<parameter name="path">a.go</parameter>\n</function>': "invoke",
    '```tool_call\nread_file(path="a.go")\n```': "tool_code",
    '<tool_code>read_file(path="a.go")</tool_code>': "announced",
    '<function_calls>\nread_file(path="a.go")\n</function_calls>': "announced",
    '<|tool_call|>[{"name": "read_file", "arguments": {"path": "a.go"}}]': "announced",
    'functools[{"name": "read_file", "arguments": {"path": "a.go"}}]': "announced",
    '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "read_file", "parameters": {"path": "a.go"}}]<|END_ACTION|>': (
        "announced"
    ),
    '<|action_start|><|plugin|>{"name": "read_file", "parameters": {"path": "a.go"}}<|action_end|>': "announced",
    '<|tool_call_start|>[read_file(path="a.go")]<|tool_call_end|>': "announced",
    '<TOOLCALL>[{"name": "read_file", "arguments": {"path": "a.go"}}]</TOOLCALL>': "announced",
    '<read_file path="a.go"></read_file>': "attributes",
}


@pytest.mark.parametrize("text", SLIPS)
def test_the_common_slips_of_a_form_are_understood(text: str) -> None:
    """Other names of the same tool, forgotten tags, and the variants that one family of models has of its form."""
    parts = split_text(text, TOOLS)
    assert [READ] == made(parts)
    assert ([SLIPS[text]], "", 0) == ([call.form for call in parts.calls], parts.content, parts.unparsed)


@pytest.mark.parametrize(
    "text",
    [
        'Thought: I read it.\nAction: read_file\nAction Input: {"path": "a.go"}',
        '<tool_call name="read_file">{"path": "a.go"}</tool_call>',
        "<tool_use>\n<tool_name>read_file</tool_name>\n</tool_use>",
    ],
)
def test_a_form_that_is_not_read_is_counted(text: str) -> None:
    """It stays content, and the record says that the instrument may be at fault."""
    assert Parts(text, unparsed=1) == split_text(text, TOOLS)


def test_texts_among_the_arguments_are_taken_as_they_were_meant() -> None:
    """Python's quotes and escapes, texts between three quotes or backticks, and backslashes that were not doubled."""
    for written, meant in {
        r"""'it\'s "x"\n'""": 'it\'s "x"\n',
        '"""package a\n\nvar s = "x"\n"""': 'package a\n\nvar s = "x"\n',
        r'"regexp: \d+ \s \w"': r"regexp: \d+ \s \w",
        "`package a\n`": "package a\n",
        r'"\u00e9\x41"': "\u00e9A",
    }.items():
        text = f"<tool_call>{{'name': 'write_file', 'arguments': {{'path': 'a.go', 'content': {written}}}}}</tool_call>"
        assert [("write_file", {"path": "a.go", "content": meant})] == made(split_text(text, TOOLS))
