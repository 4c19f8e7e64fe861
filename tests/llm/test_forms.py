"""The contract of every form in which a model may write a call, and what is no call in any."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.llm.forms import FORMS, Parts, Tools, split_text
from harness.llm.forms.reading import Form

TEXT = {"type": "string"}
LIST = {"type": "array", "items": TEXT}


def spec(name: str, required: tuple[str, ...] = (), **properties: object) -> dict[str, object]:
    parameters = {"type": "object", "properties": properties, "required": list(required)}
    return {"type": "function", "function": {"name": name, "parameters": parameters}}


SPECS = [
    spec("read_file", ("path",), path=TEXT),
    spec("write_file", ("path", "content"), path=TEXT, content=TEXT),
    spec("list_dir", path=TEXT),
    spec("go", ("args",), args=LIST),
    spec("done", summary=TEXT),
]
TOOLS = Tools(SPECS)
READ = ("read_file", {"path": "a.go"})

every_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)


def made(parts: Parts) -> list[tuple[str, object]]:
    return [(call.name, json.loads(call.arguments)) for call in parts.calls if not call.broken]


@every_form
def test_the_example_of_a_form_is_one_call_and_leaves_the_content(form: Form) -> None:
    """Only the text around a call stays, and the call is counted under the name of its form."""
    parts = split_text(f"I look at it.\n{form.example}\nThen I go on.", TOOLS)
    assert [READ] == made(parts)
    assert ([form.name], 0) == ([call.form for call in parts.calls], parts.unparsed)
    assert ["I look at it.", "Then I go on."] == [line for line in parts.content.splitlines() if line.strip()]


@every_form
def test_several_calls_in_a_turn_come_in_their_order(form: Form) -> None:
    """Calls one after another are all taken."""
    other = form.example.replace("a.go", "b.go")
    parts = split_text(f"{form.example}\n{other}", TOOLS)
    assert [READ, ("read_file", {"path": "b.go"})] == made(parts)
    assert ("", 0) == (parts.content, parts.unparsed)


@every_form
def test_a_text_that_names_no_tool_is_no_call(form: Form) -> None:
    """A call of something else stays where it is, whatever the form."""
    text = form.example.replace("read_file", "fetch_url")
    parts = split_text(text, TOOLS)
    assert () == parts.calls
    assert "fetch_url" in parts.content


@every_form
def test_without_tools_nothing_is_a_call(form: Form) -> None:
    """Where no tool is offered, or text is not to be read, the text stays."""
    parts = split_text(form.example, Tools([]))
    assert ((), 0) == (parts.calls, parts.unparsed)
    assert "read_file" in parts.content


@every_form
def test_a_call_that_was_cut_off_is_never_another_call(form: Form) -> None:
    """Whatever is missing at the end: the call is whole, or it is counted as not understood."""
    whole = form.example.index("a.go")
    for length in range(1, len(form.example)):
        parts = split_text(form.example[:length], TOOLS)
        assert made(parts) in ([], [READ])
        if length > whole and not parts.calls:
            assert parts.unparsed
    cut = split_text(form.example[: whole + 2], TOOLS)
    assert ([True], 1) == ([call.broken for call in cut.calls], cut.unparsed)


@every_form
def test_a_text_of_markup_json_and_fences_is_a_value(form: Form) -> None:
    """What a file may hold, the form's own example among it, is taken as it is where the form can carry it."""
    content = 'package a\n\n// {"name": "go"} <b>x</b> && [y] ```\n\n<think>no</think>\n'
    if form.name in ("tool_code", "python_list"):
        written = f"write_file(path='a.go', content={content!r})"
        text = form.example.replace('read_file(path="a.go")', written)
    elif form.name == "attributes":
        text = f'<write_file path="a.go">\n{content}\n</write_file>'
    elif '{"path": "a.go"}' in form.example:
        values = json.dumps({"path": "a.go", "content": content})
        text = form.example.replace("read_file", "write_file").replace('{"path": "a.go"}', values)
    else:
        text = _with_content(form, content)
    parts = split_text(text, TOOLS)
    assert [("write_file", {"path": "a.go", "content": content})] == made(parts)
    assert "no" not in parts.thoughts


def _with_content(form: Form, content: str) -> str:
    """The example as a call of write_file, the markup of its parameter repeated for the content."""
    example = form.example.replace("read_file", "write_file")
    if form.name == "gemma4":
        return example.replace('<|"|>a.go<|"|>', f'<|"|>a.go<|"|>,content:<|"|>{content}<|"|>')
    start = example.index("<", example.index("write_file"))
    close = "</arg_value>" if form.name == "glm" else "</parameter>"
    parameter = example[start : example.index(close) + len(close)]
    again = parameter.replace("path", "content", 1).replace("a.go", content)
    return example.replace(parameter, f"{parameter}\n{again}")


HOSTILE: dict[str, Callable[[str], str]] = {
    "cut again and again": lambda example: (example[:-12] + "\n") * (300_000 // len(example)),
    "begun again and again": lambda example: (example.split("a.go")[0] + "\n") * (300_000 // len(example)),
    "without an end": lambda example: example.replace("a.go", "x" * 1_000_000)[:1_000_000],
    "nested without end": lambda example: example.replace('"a.go"', "[" * 100_000),
    "unknown again and again": lambda example: (example.replace("read_file", "x") + "\n") * (300_000 // len(example)),
}


@every_form
@pytest.mark.parametrize("kind", HOSTILE)
def test_reading_takes_time_in_proportion_to_the_text(form: Form, kind: str) -> None:
    """Text that is hostile by accident is read within seconds on a slow machine; quadratic time would be minutes."""
    text = HOSTILE[kind](form.example)
    began = time.process_time()
    parts = split_text(text, TOOLS)
    assert 15.0 > time.process_time() - began
    assert len(parts.content) <= len(text)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 100_000, "{a\n" * 100_000, "```" * 100_000, "<think>" * 50_000]
)
def test_brackets_without_end_are_text(text: str) -> None:
    """What the decoder itself cannot stand is no call."""
    began = time.process_time()
    assert () == split_text(text, TOOLS).calls
    assert 15.0 > time.process_time() - began


PROSE = [
    'A call is JSON such as {"name": "read_file", "arguments": {"path": "a.go"}} within tags.',
    'Use `<read_file path="a.go"/>` for that.',
    "I call done when the tests pass, and <done> is how.",
    'The config is:\n```json\n{"name": "reverse", "version": "1.0", "go": "1.26"}\n```\nNo change.',
    '{"name": "go", "version": "1.26", "license": "BSD"}',
    '[{"path": "a.go"}, {"path": "b.go"}]',
    '```python\nprint("read_file")\nx = read_file\n```',
    '```go\nfunc main() {\n\tread_file("a.go")\n}\n```',
    '```markdown\n{"name": "read_file", "arguments": {"path": "a.go"}}\n```',
    "a[0] = b[1]; c = {d: e}",
    '```json\n{"type": "function", "function": {"name": "read_file", "description": "x", '
    '"parameters": {"type": "object", "properties": {"path": {"type": "string"}}}}}\n```',
    "[go(1.26)] is required, see [done](x.md)",
]


@pytest.mark.parametrize("text", PROSE)
def test_prose_stays_prose(text: str) -> None:
    """JSON, code and words that name a tool without calling it stay as they are, byte for byte."""
    assert Parts(text) == split_text(text, TOOLS)


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"name": "Reverse", "arguments": {"s": "añb"}}\n```',
        '```\n{"name": "reverse", "parameters": ["a"]}\n```',
        '{"name": "fetch_url", "arguments": {}}',
    ],
)
def test_a_reply_that_is_only_a_call_of_an_unknown_tool_is_counted(text: str) -> None:
    """It stays content, since it names no tool; inside prose the same JSON is an example and is not counted."""
    alone, quoted = split_text(text, TOOLS), split_text(f"For example:\n{text}\nas the documentation says.", TOOLS)
    assert ((), text, 1) == (alone.calls, alone.content, alone.unparsed)
    assert ((), 0) == (quoted.calls, quoted.unparsed)


def test_every_value_is_typed_as_it_is_declared() -> None:
    """Markup carries text only: a list is read where one is declared, and text stays text."""
    text = '<function=go>\n<parameter=args>\n["test", "./..."]\n</parameter>\n</function>\n'
    text += "<function=read_file>\n<parameter=path>\n17\n</parameter>\n</function>"
    assert [("go", {"args": ["test", "./..."]}), ("read_file", {"path": "17"})] == made(split_text(text, TOOLS))


def test_a_broken_call_keeps_the_calls_before_it() -> None:
    """What was understood of a turn is carried out, and the rest is told to the model as a broken call."""
    text = '```json\n{"name": "list_dir", "arguments": {}}\n{"name": "go", "arguments": {"args": ["test" "x"]}}\n```'
    parts = split_text(text, TOOLS)
    assert [("list_dir", False), ("go", True)] == [(call.name, call.broken) for call in parts.calls]
    assert ("", 1) == (parts.content, parts.unparsed)


@given(
    st.lists(
        st.sampled_from([*(form.example for form in FORMS), "<think>", "</think>", "x", "\n", "```", "{"]), max_size=6
    )
)
def test_no_mixture_of_forms_crashes_the_reader(pieces: list[str]) -> None:
    """Whatever is mixed, each call that is understood is the one that was written."""
    parts = split_text("".join(pieces), TOOLS)
    assert {"read_file"} >= {name for name, _ in made(parts)}
    assert len(parts.calls) <= len(pieces)


def test_the_documentation_lists_every_form() -> None:
    """The table of the page on servers has one row a form, in the order of the registry."""
    page = (Path(__file__).parents[2] / "docs" / "servers.md").read_text()
    rows = [f"| `{form.name}` | {form.models} |" for form in FORMS]
    assert "\n".join(rows) in page
