"""Calls between special tokens, which leak into the content where a server does not parse them."""

import re
from dataclasses import dataclass, replace

from harness.llm.forms.jsonvalues import UnreadableError, as_text, calls_in, value_at, values_at
from harness.llm.forms.pythonic import python_calls
from harness.llm.forms.reading import Opened, Reading, TextCall, broken, kept, named_tool
from harness.llm.forms.tools import Tools


@dataclass(frozen=True)
class NamedJSON:
    """The name of a tool, then its arguments as JSON, between tokens."""

    name: str
    models: str
    example: str
    opening: str
    head: str
    """From the opening to the arguments, the tool's name captured."""
    closing: str
    """End of the call."""
    section_end: str
    """End of all calls."""

    def read(self, opened: Opened) -> Reading | None:
        text, start = opened.text, opened.start
        head = named_tool(self.head, opened)
        if head is None or isinstance(head, Reading):
            return head
        tool, at = head
        if empty := re.compile(rf"{self.closing}\s*(?:{self.section_end})?").match(text, at):
            return Reading(empty.end(), (TextCall(tool, "", self.name),))
        try:
            arguments, at = value_at(text, at)
        except UnreadableError as fault:
            match = re.compile(rf"{self.closing}|(?={self.opening})").search(text, fault.reach)
            return broken(tool, self.name, text, start, match.end() if match else len(text))
        tail = rf"\s*(?:```)?\s*(?:{self.closing})?\s*(?:{self.section_end})?"
        closed = re.compile(tail).match(text, at)
        return Reading(closed.end() if closed else at, (TextCall(tool, as_text(arguments), self.name),))


_PIPE = "[｜|]"
_BLANK = "[▁_ ]"
_BEGIN = rf"<{_PIPE}tool{_BLANK}call{_BLANK}begin{_PIPE}>"
_SEPARATOR = rf"<{_PIPE}tool{_BLANK}sep{_PIPE}>"
_CALLS = rf"(?:<{_PIPE}tool{_BLANK}calls{_BLANK}begin{_PIPE}>\s*)?"

DEEPSEEK = NamedJSON(
    name="deepseek",
    models="DeepSeek V3, R1, V3.1",
    example="<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>read_file\n"
    '```json\n{"path": "a.go"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>',
    opening=rf"{_CALLS}{_BEGIN}(?=[^<]{{1,100}}{_SEPARATOR})",
    head=rf"{_CALLS}{_BEGIN}(?:function{_SEPARATOR})?\s?([\w.:-]{{1,80}})(?:{_SEPARATOR}|\s)\s*(?:```\w*\s*)?",
    closing=rf"<{_PIPE}tool{_BLANK}call{_BLANK}end{_PIPE}>",
    section_end=rf"<{_PIPE}tool{_BLANK}calls{_BLANK}end{_PIPE}>",
)

KIMI = NamedJSON(
    name="kimi",
    models="Kimi K2",
    example="<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>"
    '{"path": "a.go"}<|tool_call_end|><|tool_calls_section_end|>',
    opening=r"(?:<\|tool_calls?_section_begin\|>\s*)?<\|tool_call_begin\|>(?=[^<]{1,100}<\|tool_call_argument_begin\|>)",
    head=r"(?:<\|tool_calls?_section_begin\|>\s*)?<\|tool_call_begin\|>\s*([\w.:-]{1,80})\s*"
    r"<\|tool_call_argument_begin\|>\s*",
    closing=r"<\|tool_call_end\|>",
    section_end=r"<\|tool_calls?_section_end\|>",
)

_MISTRAL_NAME = r"[\w.-]{1,80}"


@dataclass(frozen=True)
class Mistral:
    """A token, then a list of calls, or a name and its arguments, as often as there are calls."""

    name: str = "mistral"
    models: str = "Mistral, Devstral, Magistral (the list, and `name[ARGS]{…}`)"
    example: str = '[TOOL_CALLS][{"name": "read_file", "arguments": {"path": "a.go"}}]'
    opening: str = r"\[TOOL_CALLS\]\s*"

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        if text[end : end + 1] in ("[", "{"):
            return read_json(self.name, self.opening, text, start, end, tools)
        calls: list[TextCall] = []
        head = re.compile(rf"\s*,?\s*({_MISTRAL_NAME})(?:\[CALL_ID\][\w-]{{0,80}})?(?:\[ARGS\])?\s*(?=\{{)")
        at = end
        while match := head.match(text, at):
            tool = tools.name(match[1])
            if tool is None:
                break
            try:
                arguments, at = value_at(text, match.end())
            except UnreadableError as fault:
                following = re.compile(self.opening).search(text, fault.reach)
                stop = following.start() if following else len(text)
                cut = broken(tool, self.name, text, match.start(), stop)
                return Reading(stop, (*calls, *cut.calls), unparsed=1)
            calls.append(TextCall(tool, as_text(arguments), self.name))
        return Reading(at, tuple(calls)) if calls else kept(text, start, end, unparsed=1)


@dataclass(frozen=True)
class PythonTag:
    """A token, then calls as JSON or in Python's syntax, up to the end of the turn."""

    name: str = "llama3"
    models: str = "Llama 3.1 and later"
    example: str = '<|python_tag|>{"type": "function", "name": "read_file", "parameters": {"path": "a.go"}}<|eom_id|>'
    opening: str = r"<\|python_tag\|>\s*"

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        if text[end : end + 1] in ("[", "{"):
            return read_json(self.name, self.opening, text, start, end, tools)
        over = re.compile(r"<\|(?:eom_id|eot_id|python_tag)\|>").search(text, end)
        stop = over.start() if over else len(text)
        calls = python_calls(text[end:stop], tools, self.name)
        if calls:
            return Reading(stop, tuple(calls), unparsed=sum(call.broken for call in calls))
        name = tools.leading(text[end : end + 100].partition(".")[0])
        return broken(name, self.name, text, end, stop) if name else kept(text, start, stop, unparsed=1)


_NEAR = 20_000
"""Characters within which the end of calls in Python's syntax is looked for."""


@dataclass(frozen=True)
class Announced:
    """A token, calls as JSON or in Python's syntax, and a token that ends them, which may be missing."""

    name: str = "announced"
    models: str = (
        "LM Studio's own prompt (`[TOOL_REQUEST]`), Granite, Phi 4 (`functools`), Command R, InternLM, LFM2, Nemotron, "
        "OLMo, `<tool_code>`"
    )
    example: str = '[TOOL_REQUEST]{"name": "read_file", "arguments": {"path": "a.go"}}[END_TOOL_REQUEST]'
    opening: str = (
        r"(?:\[TOOL_REQUEST\]|<\|tool_call\|>|^[ \t]*functools(?=\[)|<\|START_ACTION\|>|<\|tool_call_start\|>"
        r"|<\|action_start\|>\s*<\|plugin\|>|<TOOLCALL>|<tool_code>|<function_calls>(?!\s*<))\s*"
    )

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        closing = re.compile(
            r"\s*(?:\[END_TOOL_REQUEST\]|<\|END_ACTION\|>|<\|tool_call_end\|>|<\|action_end\|>|</TOOLCALL>"
            r"|</tool_code>|</function_calls>)"
        )
        if re.compile(r"\{|\[\s*\{").match(text, end):
            reading = read_json(self.name, self.opening, text, start, end, tools)
            closed = closing.match(text, reading.end)
            return replace(reading, end=closed.end()) if closed and reading.calls else reading
        closed = closing.search(text, end, end + _NEAR)
        line = text.find("\n", end)
        stop = closed.start() if closed else (line if line >= 0 else len(text))
        after = closed.end() if closed else stop
        calls = python_calls(text[end:stop], tools, self.name)
        if calls:
            return Reading(after, tuple(calls), unparsed=sum(call.broken for call in calls))
        name = tools.leading(text[end : end + 100].lstrip("["))
        return broken(name, self.name, text, end, after) if name else kept(text, start, after, unparsed=1)


def read_json(form: str, opening: str, text: str, start: int, end: int, tools: Tools) -> Reading:
    """Read JSON values after a token."""
    values = values_at(text, end)
    calls = calls_in(values.values, tools, form, marked=True) or []
    if values.fault is not None:
        following = re.compile(opening).search(text, values.reach)
        stop = following.start() if following else len(text)
        name = tools.mentioned(text[values.fault : stop])
        if name is None:
            return kept(text, start, values.reach, unparsed=1)
        return Reading(stop, (*calls, *broken(name, form, text, values.fault, stop).calls), unparsed=1)
    return Reading(values.end, tuple(calls)) if calls else kept(text, start, values.end, unparsed=1)


_QUOTE = '<|"|>'


@dataclass(frozen=True)
class Gemma4:
    """`call:name{key:value}` between tokens, strings between quote tokens."""

    name: str = "gemma4"
    models: str = "Gemma 4"
    example: str = '<|tool_call>call:read_file{path:<|"|>a.go<|"|>}<tool_call|>'
    opening: str = r"<\|tool_call>\s*call:\s*"

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        head = re.compile(r"([\w.-]{1,80})\s*(?=\{)").match(text, end)
        tool = tools.name(head[1]) if head else None
        if head is None or tool is None:
            return kept(text, start, end, unparsed=1)
        pieces: list[str] = []
        at, begun, quoted, closed = head.end(), 0, False, False
        token = re.compile(r'<\|"\|>|<tool_call\|>|<\|tool_call>')
        while match := token.search(text, at):
            if not quoted:
                pieces.append(re.sub(r"([{,]\s*)([\w-]+)\s*:", r'\1"\2":', text[at : match.start()]))
            elif match[0] == _QUOTE:
                pieces.append(as_text(text[begun : match.start()]))
            if match[0] == _QUOTE:
                quoted, begun = not quoted, match.end()
            elif not quoted:
                at, closed = match.end() if match[0] == "<tool_call|>" else match.start(), True
                break
            at = match.end()
        stop = at if closed else len(text)
        try:
            if not closed:
                pieces.append(re.sub(r"([{,]\s*)([\w-]+)\s*:", r'\1"\2":', text[at:]))
            arguments, _ = value_at("".join(pieces), 0)
        except UnreadableError:
            return broken(tool, self.name, text, start, stop)
        return Reading(stop, (TextCall(tool, as_text(arguments), self.name),))
