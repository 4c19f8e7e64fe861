"""Arguments as models write them: what says the same is taken and counted, and an error shows the right call."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.gate.verdict import Verdict
from harness.toolchains.go.files import GO_FILES
from harness.tools.done import done_tool
from harness.tools.elision import Elision
from harness.tools.files import file_tools
from harness.tools.registry import Arguments, Completed, Registry, Tool, ToolError
from harness.workspace import Workspace

CALLS = Path(__file__).parents[1] / "field" / "calls"
LIST = {"type": "array", "items": {"type": "string"}, "description": "The arguments."}


class Accepting:
    """A gate that accepts everything."""

    def verify(self) -> Verdict:
        return Verdict(accepted=True, feedback="", green=None)


def echo(arguments: Arguments) -> str:
    return json.dumps(arguments["args"])


@pytest.fixture
def tools(tmp_path: Path) -> Registry:
    (tmp_path / "a.go").write_text("package a\n")
    files = file_tools(Workspace(tmp_path), Elision(GO_FILES, enabled=True), GO_FILES, protect_tests=True)
    return Registry((*files, Tool("go", "Run go.", {"args": LIST}, ("args",), echo), done_tool(Accepting())))


READ = "package a\n"
LISTED = "a.go (10 bytes)"
TEST = '["test", "./..."]'

LENIENT: list[tuple[str, str, str, list[str]]] = [
    ("read_file", '{"path": "a.go"}', READ, []),
    ("read_file", '"{\\"path\\": \\"a.go\\"}"', READ, ["args_twice"]),
    ("read_file", '"a.go"', READ, ["args_bare"]),
    ("read_file", "a.go", READ, ["args_bare"]),
    ("read_file", '["a.go"]', READ, ["args_list"]),
    ("read_file", '[{"path": "a.go"}]', READ, ["args_in_list"]),
    ("read_file", '{"arguments": {"path": "a.go"}}', READ, ["args_wrapped"]),
    ("functions.read_file", '{"path": "a.go"}', READ, ["tool_name"]),
    ("Read-File", '{"path": "a.go"}', READ, ["tool_name"]),
    ("functions.read_file:0", '{"path": "a.go"}', READ, ["tool_name"]),
    ("read_file<|channel|>commentary", '{"path": "a.go"}', READ, ["tool_name"]),
    ("list_dir", "", LISTED, ["args_empty"]),
    ("list_dir", "null", LISTED, ["args_empty"]),
    ("list_dir", '{"path": null}', LISTED, []),
    ("list_dir", "{}", LISTED, []),
    ("list_dir", '"."', LISTED, ["args_bare"]),
    ("go", f'{{"args": {TEST}}}', TEST, []),
    ("go", TEST, TEST, ["args_list"]),
    ("go", '[["test", "./..."]]', TEST, ["args_list", "args_nested_list"]),
    ("go", '[["test"]]', '["test"]', ["args_list", "args_nested_list"]),
    ("go", '{"args": [["test", "./..."]]}', TEST, ["args_nested_list"]),
    ("go", json.dumps({"args": TEST}), TEST, ["args_list_text"]),
    ("go", '{"args": "test ./..."}', TEST, ["args_split"]),
    ("go", '"test ./..."', TEST, ["args_bare", "args_split"]),
    ("go", '{"args": ["test", "-count", 1]}', '["test", "-count", "1"]', ["args_numbers"]),
    ("read_file", "{'path': 'a.go'}", READ, ["args_nearly_json"]),
    ("read_file", '{path: "a.go",}', READ, ["args_nearly_json"]),
    ("read_file", json.dumps("{'path': 'a.go'}"), READ, ["args_twice"]),
    ("list_dir", "{'path': None}", LISTED, ["args_nearly_json"]),
    ("write_file", '{"path": "b.go", "content": `x\ny`}', "wrote 3 bytes to b.go", ["args_nearly_json"]),
    ("write_file", '{"path": "b.go", "content": "x\ny"}', "wrote 3 bytes to b.go", ["args_raw_breaks"]),
]


@pytest.mark.parametrize(("name", "arguments", "result", "forms"), LENIENT)
def test_arguments_that_say_the_same_are_taken_and_counted(
    tools: Registry, name: str, arguments: str, result: str, forms: list[str]
) -> None:
    """Each leniency is one that cannot mean anything else, and the record can tell how often it was needed."""
    request = tools.understand(name, arguments)
    assert (result, tuple(forms)) == (tools.carry_out(request), request.forms)


ERRORS = [
    ("go", "{}", 'go needs {"args": [...]}'),
    ("go", "", 'go needs {"args": [...]}; none came'),
    ("go", "7", "the arguments of go must be a JSON object, not a number"),
    ("go", '{"arguments": "test ./..."}', 'did you mean {"args": ["test", "./..."]}?'),
    ("go", '{"command": ["test", "./..."]}', 'did you mean {"args": ["test", "./..."]}?'),
    ("go", '{"args": "test \'a b\'"}', "go needs args, a list of strings"),
    ("go", '{"args": "test ./... | tee x"}', "go needs args, a list of strings"),
    ("go", '{"args": [{"a": 1}]}', "go needs args, a list of strings"),
    ("read_file", '{"path": "calc/add.go"', 'did you mean {"path": "calc/add.go"}?'),
    ("read_file", '{"file": "a.go"}', 'did you mean {"path": "a.go"}?'),
    (
        "list_dir",
        '{"dir": "calc"}',
        'list_dir has no parameter dir; list_dir takes {"path": "..."}; did you mean {"path": "calc"}?',
    ),
    ("list_dir", '{"recursive": true, "folder": "calc"}', 'did you mean {"path": "calc"}?'),
    ("list_dir", '{"path": null, "directory": "calc"}', 'did you mean {"path": "calc"}?'),
    ("read_file", "read the file please", "the arguments of read_file are not valid JSON"),
    ("write_file", '["a.go", "x"]', 'did you mean {"path": "a.go", "content": "x"}?'),
    ("write_file", '{"path": "a.go"}', 'did you mean {"path": "a.go", "content": "..."}?'),
    ("write_file", '{"path": "a.go", "content": {"a": 1}}', "write_file needs content, a string, not an object"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), ERRORS)
def test_an_error_shows_the_right_call_filled_with_what_came(
    tools: Registry, name: str, arguments: str, message: str
) -> None:
    """A small model can repeat what it is shown; what could mean several things is not guessed."""
    with pytest.raises(ToolError) as caught:
        tools.call(name, arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "arguments", ['{"recursive": true}', '{"dir": ""}', '{"dir": null}', '{"path": ".", "dir": "calc"}']
)
def test_an_unknown_argument_that_can_be_no_path_is_left_out(tools: Registry, arguments: str) -> None:
    """Flags and empty values beside or in place of the path leave the listing as it is."""
    assert tools.call("list_dir", "{}") == tools.call("list_dir", arguments)


@pytest.mark.parametrize(
    "arguments", ["", "null", "{}", "[]", "7", '"x"', '{"summary": 5}', '{"summary": "cut', "[" * 100_000]
)
def test_done_runs_the_gate_whatever_its_arguments_are(tools: Registry, arguments: str) -> None:
    """It needs none, so none can be wrong."""
    with pytest.raises(Completed):
        tools.call("done", arguments)


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("arguments_encoded_twice", READ),
        ("list_argument_as_json_text", TEST),
        ("list_dir_with_empty_arguments", LISTED),
        ("tool_name_with_functions_prefix", READ),
    ],
)
def test_a_call_of_the_field_is_carried_out_under_its_own_name(tools: Registry, name: str, result: str) -> None:
    """The tool's own name is what is counted."""
    call: dict[str, Any] = json.loads((CALLS / f"{name}.json").read_text())
    request = tools.understand(call["name"], call["arguments"])
    assert result == tools.carry_out(request)
    assert call["name"].removeprefix("functions.") == request.name


def test_the_done_of_the_field_runs_the_gate(tools: Registry) -> None:
    """Empty text is no reason not to verify."""
    call = json.loads((CALLS / "done_with_empty_arguments.json").read_text())
    with pytest.raises(Completed):
        tools.call(call["name"], call["arguments"])


@given(
    st.text(max_size=40)
    | st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=4), st.lists).map(json.dumps)
)
def test_any_arguments_are_understood_or_explained(arguments: str) -> None:
    """Reading never raises, and what is understood fits what is declared."""
    registry = Registry([Tool("go", "Run go.", {"args": LIST}, ("args",), echo)])
    request = registry.understand("go", arguments)
    assert (request.error is None) == ("args" in request.arguments)
    assert all(isinstance(item, str) for item in request.arguments.get("args", []))


@pytest.mark.parametrize(
    "arguments", ["[" * 1_000_000, '"' * 1_000_001, '{"a":"' * 200_000, "\\" * 1_000_000, '{"args": "' + "a " * 500_000]
)
def test_long_arguments_are_read_in_a_moment(arguments: str) -> None:
    """Whatever comes, the error is short and soon there."""
    registry = Registry([Tool("go", "Run go.", {"args": LIST}, ("args",), echo)])
    began = time.process_time()
    request = registry.understand("go", arguments)
    assert 5.0 > time.process_time() - began
    assert request.error is None or len(request.error) < 10_000
