"""Calls in Python's syntax: `tool_code` blocks and bare lists of calls. They are parsed and never run."""

import ast
import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from harness.llm.forms.jsonvalues import as_text
from harness.llm.forms.reading import Opened, Reading, TextCall, broken, kept
from harness.llm.forms.tools import Tools

_LONGEST = 1 << 20
"""Characters of the longest code that is parsed."""
_FENCE = re.compile(r"\n[ \t]*```|\Z")
_FENCES = 3
"""Fences of which one may end the block: a text among the arguments may hold others."""
_CALL = re.compile(r"(?:^|[\s\[(=,.])([A-Za-z_]\w{0,80})\s*\(")


def python_calls(code: str, tools: Tools, form: str) -> list[TextCall] | None:
    """The calls of which the code consists; None where any of it is something else, or no tool is called.

    A call whose arguments are no literals is a broken one.
    """
    statements = _statements(code)
    if not statements:
        return None
    calls = [call for statement in statements for call in _unwrapped(statement)]
    named = [(call, _tool(call, tools)) for call in calls]
    if any(name is None for _, name in named):
        return None
    return [_read(call, name, code, tools, form) for call, name in named if isinstance(call, ast.Call) and name]


def _statements(code: str) -> list[ast.stmt]:
    if len(code) > _LONGEST:
        return []
    try:
        return ast.parse(code.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _unwrapped(statement: ast.stmt) -> list[ast.expr]:
    """The calls of a statement: its value, without an assignment, a `print` or a list around it."""
    value = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print" and value.args:
        value = value.args[0]
    if isinstance(value, ast.List | ast.Tuple) and value.elts:
        return list(value.elts)
    return [ast.Constant(None) if value is None else value]


def _tool(call: ast.expr, tools: Tools) -> str | None:
    if not isinstance(call, ast.Call):
        return None
    function = call.func
    if isinstance(function, ast.Attribute) and function.attr == "call":
        function = function.value  # Llama writes tool.call(…)
    if isinstance(function, ast.Attribute):
        return tools.name(function.attr)
    return tools.name(function.id) if isinstance(function, ast.Name) else None


def _read(call: ast.Call, name: str, code: str, tools: Tools, form: str) -> TextCall:
    try:
        return TextCall(name, as_text(_arguments(call, name, tools)), form)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return TextCall(name, code.strip(), form, broken=True)


def _arguments(call: ast.Call, name: str, tools: Tools) -> dict[str, Any]:
    """The arguments by name. Raises ValueError where one is no literal, or there are too many."""
    parameters = list(tools.properties(name))
    if len(call.args) > len(parameters) or any(keyword.arg is None for keyword in call.keywords):
        raise ValueError("arguments without a parameter")
    placed = {parameter: ast.literal_eval(value) for parameter, value in zip(parameters, call.args, strict=False)}
    return placed | {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}


@dataclass(frozen=True)
class ToolCode:
    """A fenced block of Python in which nothing but tools are called."""

    name: str = "tool_code"
    models: str = "Gemma 2 and 3"
    example: str = '```tool_code\nread_file(path="a.go")\n```'
    opening: str = r"```[ \t]*(?:tool_code|tool_calls?|python|py)\b\s*(?![\[{]\s*[\"'{])"

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        ends = [match.span() for match in islice(_FENCE.finditer(text, end), _FENCES)] or [(len(text), len(text))]
        name = _named(text[end : ends[0][0]], tools)
        if name is None:
            return kept(text, start, ends[0][1])
        for code_end, stop in ends:
            calls = python_calls(text[end:code_end], tools, self.name)
            if calls:
                return Reading(stop, tuple(calls), unparsed=sum(call.broken for call in calls))
        code_end, stop = ends[0]
        if "tool" not in text[start:end]:
            return kept(text, start, stop)
        return broken(name, self.name, text, end, stop)


@dataclass(frozen=True)
class PythonList:
    """A list of calls that is all that follows on its line."""

    name: str = "python_list"
    models: str = "Llama 4, and Gemma 3 as its documentation has it"
    example: str = '[read_file(path="a.go")]'
    opening: str = r"^[ \t]*\[(?=[A-Za-z_][\w.]{0,80}\()"

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        name = tools.name(_called(text, end))
        if name is None:
            return None
        line = text.find("\n", end)
        line = line if line >= 0 else len(text)
        for stop in (line, len(text)):
            calls = python_calls(text[start:stop], tools, self.name)
            if calls:
                return Reading(stop, tuple(calls), unparsed=sum(call.broken for call in calls))
            if "]" in text[start:line]:
                return kept(text, start, line)
        return broken(name, self.name, text, start, len(text))


def _called(text: str, start: int) -> str:
    match = re.compile(r"[\w.]{1,80}").match(text, start)
    return match[0] if match else ""


def _named(code: str, tools: Tools) -> str | None:
    return next((name for match in _CALL.finditer(code) if (name := tools.name(match[1]))), None)
