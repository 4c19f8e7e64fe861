"""Calls as JSON: within tags, in fenced blocks, or bare."""

import re
from dataclasses import dataclass

from harness.llm.forms.jsonvalues import Values, calls_in, calls_of, foreign_calls, values_at
from harness.llm.forms.pythonic import python_calls
from harness.llm.forms.reading import Opened, Reading, TextCall, broken, is_last, kept
from harness.llm.forms.tools import Tools

_STRAY = r"(?:[\s}\]]|```)*"
_NEAR = 2000
"""Characters within which the end of a tag is looked for that holds no JSON."""
_WINDOW = 120
"""Characters after the place where JSON breaks in which a tool's name is looked for."""


@dataclass(frozen=True)
class Tagged:
    """JSON objects or a list of them between tags; the closing tag may be missing."""

    name: str
    models: str
    tag: str

    @property
    def example(self) -> str:
        return f'<{self.tag}>\n{{"name": "read_file", "arguments": {{"path": "a.go"}}}}\n</{self.tag}>'

    @property
    def opening(self) -> str:
        return rf"<{self.tag}>\s*(?:```\w*\s*)?"

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        named = tools.leading(text[end : end + 100]) if text[end : end + 1] not in ("{", "[") else None
        values = values_at(text, text.find("{", end, end + 100) if named and "{" in text[end : end + 100] else end)
        if values.fault is not None:
            stop = self._stop(text, values.reach)
            name = tools.mentioned(text[values.fault : stop]) or named
            done = self._calls(values, tools, named) or []
            if name is None:
                return kept(text, start, values.reach, unparsed=1)
            cut = broken(name, self.name, text, values.fault, stop)
            return Reading(stop, (*done, *cut.calls), unparsed=1)
        if not values.values:
            return self._without_json(text, start, end, tools)
        closed = re.compile(rf"{_STRAY}</{self.tag}s?>").match(text, values.end)
        stop = closed.end() if closed else values.end
        calls = self._calls(values, tools, named)
        return kept(text, start, stop, unparsed=1) if calls is None else Reading(stop, tuple(calls))

    def _calls(self, values: Values, tools: Tools, named: str | None) -> list[TextCall] | None:
        calls = calls_in(values.values, tools, self.name, marked=True)
        if calls is None and named and len(values.values) == 1:
            return calls_of({"name": named, "arguments": values.values[0]}, tools, self.name, marked=True)
        return calls

    def _stop(self, text: str, reach: int) -> int:
        """The end of a broken call: its closing tag, the next call, or the end of the text."""
        match = re.compile(rf"</{self.tag}>|(?=<{self.tag}>)").search(text, reach)
        return match.end() if match else len(text)

    def _without_json(self, text: str, start: int, end: int, tools: Tools) -> Reading | None:
        close = text.find(f"</{self.tag}>", end, end + _NEAR)
        if close < 0:
            return None
        inner, stop = text[end:close], close + len(self.tag) + 3
        calls = python_calls(inner, tools, self.name)
        if calls:
            return Reading(stop, tuple(calls), unparsed=sum(call.broken for call in calls))
        name = tools.leading(inner)
        if name is None:
            return kept(text, start, stop, unparsed=1)
        if not inner.strip()[len(name) :].strip():
            return Reading(stop, (TextCall(name, "", self.name),))
        return broken(name, self.name, text, end, stop)


@dataclass(frozen=True)
class FencedJSON:
    """JSON in a fenced block, which is a call only if all of it is calls of tools."""

    name: str = "fenced_json"
    models: str = "Qwen2.5-Coder, and most models without a template for tools"
    example: str = '```json\n{"name": "read_file", "arguments": {"path": "a.go"}}\n```'
    opening: str = (
        r"```[ \t]*(?i:json[5cl]?|tool_calls?|tools?|function_calls?|xml|text|plaintext|python|py)?\s*(?=[\[{])"
    )

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        values = values_at(text, end)
        if values.fault is not None:
            stop = text.find("```", values.reach)
            stop = len(text) if stop < 0 else stop + 3
            name = tools.mentioned(text[values.fault : min(values.reach + _WINDOW, stop)])
            if name is None:
                return kept(text, start, values.reach)
            cut = broken(name, self.name, text, values.fault, stop)
            return Reading(
                stop, (*(calls_in(values.values, tools, self.name, marked=False) or ()), *cut.calls), unparsed=1
            )
        closed = re.compile(r"[\s}\]]*(?:```|`{0,2}\Z)").match(text, values.end)
        calls = calls_in(values.values, tools, self.name, marked=False)
        if calls is None or closed is None:
            return kept(text, start, values.end, unparsed=_only_calls(opened, closed, values))
        return Reading(closed.end(), tuple(calls))


@dataclass(frozen=True)
class BareJSON:
    """JSON that begins a line and ends one."""

    name: str = "bare_json"
    models: str = "Llama 3 (`parameters`), Qwen2.5-Coder after a tool result, Gemma"
    example: str = '{"name": "read_file", "parameters": {"path": "a.go"}}'
    opening: str = r"""^[ \t\ufeff]*(?=\{\s*["'A-Za-z]|\[\s*\{)"""

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        values = values_at(text, end)
        if values.fault is not None:
            name = tools.mentioned(text[values.fault : values.reach + _WINDOW])
            if name is None:
                return kept(text, start, values.reach)
            paragraph = re.compile(r"\n[ \t]*\n").search(text, values.reach)
            stop = paragraph.start() if paragraph else len(text)
            cut = broken(name, self.name, text, values.fault, stop)
            return Reading(
                stop, (*(calls_in(values.values, tools, self.name, marked=False) or ()), *cut.calls), unparsed=1
            )
        calls = calls_in(values.values, tools, self.name, marked=False)
        tail = re.compile(r"[ \t}\]]*(?:\n|\Z|<[|/])").match(text, values.end)
        if calls is None or tail is None:
            return kept(text, start, values.end, unparsed=_only_calls(opened, tail, values))
        return Reading(values.end, tuple(calls))


def _only_calls(opened: Opened, end: re.Match[str] | None, values: Values) -> int:
    """Count the calls of unknown tools that a reply consists of. In the middle of prose the same JSON is an example."""
    whole = end is not None and is_last(opened.text, end.end()) and not opened.text[: opened.start].strip()
    return foreign_calls(values.values) if whole and opened.tools else 0


@dataclass(frozen=True)
class OtherFence:
    """A fenced block of code, in which nothing is a call."""

    name: str = "code"
    models: str = ""
    example: str = ""
    opening: str = r"```[ \t]*(?!(?:json|tool|function|xml|text|plaintext|python|py)\w*\s)[A-Za-z][\w+#.-]*[ \t]*\n"

    def read(self, opened: Opened) -> Reading | None:
        text, start, end = opened.text, opened.start, opened.end
        close = text.find("```", end)
        return None if close < 0 else kept(text, start, close + 3)
