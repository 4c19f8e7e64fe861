"""Calls as markup: a tag for the function and one for each parameter."""

import html
import re
from dataclasses import dataclass
from typing import Any

from harness.llm.forms.jsonvalues import UnreadableError, as_text, value_at
from harness.llm.forms.reading import Opened, Reading, TextCall, broken, is_last, kept, named_tool
from harness.llm.forms.tools import Tools


def unframed(value: str) -> str:
    """A value without the line breaks that some templates put around it; a longer text keeps its last one."""
    if value.startswith("\n") or value.count("\n") == 1:
        return value.removeprefix("\n").removesuffix("\n")
    return value


@dataclass(frozen=True)
class ParameterTags:
    """A function tag that holds a tag for each parameter; the tag around all of it may be missing."""

    name: str
    models: str
    example: str
    opening: str
    head: str
    """The function's tag, its name captured."""
    parameter: str
    """A parameter's opening tag, the name captured."""
    value_end: str
    tail: str
    """End of the call."""

    def read(self, opened: Opened) -> Reading | None:
        text, start, tools = opened.text, opened.start, opened.tools
        head = named_tool(self.head, opened)
        if head is None or isinstance(head, Reading):
            return head
        tool, at = head
        arguments: dict[str, Any] = {}
        begins, ends = re.compile(rf"\s*{self.parameter}"), re.compile(self.value_end)
        while parameter := begins.match(text, at):
            close = ends.search(text, parameter.end())
            if close is None:
                return broken(tool, self.name, text, start, len(text))
            value = unframed(text[parameter.end() : close.start()])
            arguments[parameter[1].strip()] = tools.typed(tool, parameter[1].strip(), value)
            at = close.end()
        return self._ended(text, start, at, tool, arguments, tools)

    def _ended(self, text: str, start: int, at: int, tool: str, arguments: Any, tools: Tools) -> Reading:
        gap = re.compile(r"\s*").match(text, at)
        after = gap.end() if gap else at
        if not arguments and text[after : after + 1] == "{":  # Llama 3.1 puts JSON into the same tag
            try:
                arguments, at = value_at(text, after)
            except UnreadableError:
                return self._broken(tool, text, start, at)
        tail = re.compile(rf"\s*{self.tail}").match(text, at)
        whole = bool(arguments) and is_last(text, at) and not tools.missing(tool, arguments)
        if tail is None and not whole:
            return self._broken(tool, text, start, at)
        return Reading(tail.end() if tail else at, (TextCall(tool, as_text(arguments), self.name),))

    def _broken(self, tool: str, text: str, start: int, at: int) -> Reading:
        match = re.compile(rf"{self.tail}|(?={self.opening})").search(text, at)
        return broken(tool, self.name, text, start, match.end() if match else len(text))


FUNCTION_TAGS = ParameterTags(
    name="qwen3_coder",
    models="Qwen3-Coder, Nemotron 3, Llama 3.1 (JSON in the tag); the outer tag may be missing",
    example="<tool_call>\n<function=read_file>\n<parameter=path>\na.go\n</parameter>\n</function>\n</tool_call>",
    opening=r"(?:<tool_call>\s*)?<function\s?=",
    head=r"(?:<tool_call>\s*)?<function\s?=\s?[\"']?([\w.:-]{1,80})[\"']?\s?>",
    parameter=r"<parameter\s?=\s?[\"']?([^<>\"']{1,80})[\"']?\s?>",
    value_end=r"</parameter>(?=\s*(?:<parameter|</function>|</tool_call>|\Z))"
    r"|(?=\n<parameter\s?=)|(?=\n</function>(?:\n</tool_call>|\n?\Z))",
    tail=r"(?:</function>\s*(?:</tool_call>)?|</tool_call>)",
)

_NAMESPACE = r"(?:[｜|]{1,2}DSML[｜|]{1,2}|[a-z]{1,20}:)?"

INVOKE_TAGS = ParameterTags(
    name="invoke",
    models="MiniMax M2, DeepSeek 3.2 (`DSML`)",
    example='<minimax:tool_call>\n<invoke name="read_file">\n<parameter name="path">a.go</parameter>\n</invoke>\n'
    "</minimax:tool_call>",
    opening=rf"(?:<{_NAMESPACE}(?:function_calls|tool_calls?)>\s*)?<{_NAMESPACE}(?:invoke|function)\s+name=",
    head=rf"(?:<{_NAMESPACE}(?:function_calls|tool_calls?)>\s*)?<{_NAMESPACE}(?:invoke|function)\s+name=\"([\w.:-]{{1,80}})\"\s?>",
    parameter=rf"<{_NAMESPACE}parameter\s+name=\"([^<>\"]{{1,80}})\"(?: string=\"\w+\")?\s?>",
    value_end=rf"</{_NAMESPACE}parameter>(?=\s*(?:<{_NAMESPACE}parameter|</{_NAMESPACE}(?:invoke|function)>|\Z))",
    tail=rf"</{_NAMESPACE}(?:invoke|function)>\s*(?:</{_NAMESPACE}(?:function_calls|tool_calls?)>)?",
)

GLM_TAGS = ParameterTags(
    name="glm",
    models="GLM 4.5 and later",
    example="<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>a.go</arg_value>\n</tool_call>",
    opening=r"<tool_call>\s*[\w.:-]{1,80}\s*(?=<arg_key>)",
    head=r"<tool_call>\s*([\w.:-]{1,80})(?=\s*<arg_key>)",
    parameter=r"<arg_key>([^<>]{1,80})</arg_key>\s*<arg_value>",
    value_end=r"</arg_value>(?=\s*(?:<arg_key>|</tool_call>|\Z))",
    tail=r"</tool_call>",
)

_ATTRIBUTE = re.compile(r"""\s+([A-Za-z_][\w-]{0,80})\s?=\s?(?:"([^"]*)"|'([^']*)')""")
_CUT_ATTRIBUTE = re.compile(r"\s+[A-Za-z_][\w-]{0,80}\s?=\s?[\"']")
_NEAR = 2000
"""Characters within which the closing tag is looked for where nothing else says that this is a call."""
_END = re.compile(r"\s*(/?)>")
_CHILD = re.compile(r"\s*<([A-Za-z_][\w-]{0,80})>")


@dataclass(frozen=True)
class ToolTags:
    """A tag of the tool's own name, with its arguments as attributes, as tags within, or as its text."""

    name: str = "attributes"
    models: str = "Qwen2.5-Coder, and models that have seen other agents"
    example: str = '<read_file path="a.go"/>'
    opening: str = r"(?<!`)<(?=[A-Za-z_][\w-]{0,80}[\s/>])"

    def read(self, opened: Opened) -> Reading | None:
        text, start, end, tools = opened.text, opened.start, opened.end, opened.tools
        tag = re.compile(r"[\w-]{1,81}").match(text, end)
        tool = tools.name(tag[0]) if tag else None
        if tag is None or tool is None:
            return None
        arguments: dict[str, Any] = {}
        at = tag.end()
        while attribute := _ATTRIBUTE.match(text, at):
            value = html.unescape(attribute[2] if attribute[2] is not None else attribute[3])
            arguments[attribute[1]] = tools.typed(tool, attribute[1], value)
            at = attribute.end()
        ended = _END.match(text, at)
        if ended is None:
            cut = arguments or _CUT_ATTRIBUTE.match(text, at)
            return broken(tool, self.name, text, start, len(text)) if cut else None
        if ended[1]:
            return Reading(ended.end(), (TextCall(tool, as_text(arguments), self.name),))
        return self._with_body(text, start, ended.end(), tag[0], tool, arguments, tools)

    def _with_body(
        self, text: str, start: int, at: int, tag: str, tool: str, arguments: dict[str, Any], tools: Tools
    ) -> Reading | None:
        if arguments and not tools.missing(tool, arguments):
            closed = re.compile(rf"\s*</{tag}>").match(text, at)
            return Reading(closed.end() if closed else at, (TextCall(tool, as_text(arguments), self.name),))
        child = _CHILD.match(text, at)
        begun = bool(arguments) or (child is not None and child[1] in tools.properties(tool))
        close = text.find(f"</{tag}>", at, len(text) if begun else at + _NEAR)
        if close < 0:
            return broken(tool, self.name, text, start, len(text)) if begun else kept(text, start, at)
        body = text[at:close]
        filled = _children(body, tool, tools)
        if not filled and body.strip():
            left = tools.missing(tool, arguments) or [name for name in tools.properties(tool) if name not in arguments]
            if len(left) != 1:
                return broken(tool, self.name, text, start, close + len(tag) + 3)
            filled = {left[0]: tools.typed(tool, left[0], unframed(body))}
        whole = TextCall(tool, as_text(arguments | filled), self.name)
        return Reading(close + len(tag) + 3, (whole,))


def _children(body: str, tool: str, tools: Tools) -> dict[str, Any]:
    """Return the arguments that are tags in the body; none if it holds anything else."""
    known = tools.properties(tool)
    filled: dict[str, Any] = {}
    at = 0
    while child := _CHILD.match(body, at):
        close = body.find(f"</{child[1]}>", child.end()) if child[1] in known else -1
        if close < 0:
            return {}
        filled[child[1]] = tools.typed(tool, child[1], unframed(body[child.end() : close]))
        at = close + len(child[1]) + 3
    return filled if not body[at:].strip() else {}
