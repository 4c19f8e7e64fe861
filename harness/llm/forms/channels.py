"""Reasoning within text: tags around it, and the channels of gpt-oss, which carry calls as well."""

import re
from dataclasses import dataclass

from harness.llm.forms.jsonvalues import UnreadableError, as_text, value_at
from harness.llm.forms.reading import Opened, Reading, TextCall, broken, kept
from harness.llm.forms.tools import Tools
from harness.llm.reasoning import CLOSING, OPENING


@dataclass(frozen=True)
class Thoughts:
    """A block of reasoning, which may be cut off before its closing tag."""

    name: str = "reasoning"
    models: str = ""
    example: str = ""
    opening: str = OPENING

    def read(self, opened: Opened) -> Reading | None:
        text, end = opened.text, opened.end
        close = re.compile(CLOSING).search(text, end)
        return Reading(close.end() if close else len(text), thought=text[end : close.start() if close else len(text)])


_HEADER = re.compile(
    r"(?:<\|start\|>\s*assistant([^<]{0,200}))?<\|channel\|>\s*(\w{1,20})([^<]{0,200})"
    r"(?:<\|constrain\|>\s*\w{0,20}\s*)?<\|message\|>"
)
_RECIPIENT = re.compile(r"to=\s*([\w.:-]{1,100})")
_BODY_END = re.compile(r"<\|(?:end|call|return)\|>|(?=<\|start\|>|<\|channel\|>)")


@dataclass(frozen=True)
class Harmony:
    """Channels: `analysis` is reasoning, a message to a tool is a call, all else is content."""

    name: str = "harmony"
    models: str = "gpt-oss"
    example: str = (
        "<|channel|>analysis<|message|>I read it.<|end|><|start|>assistant<|channel|>commentary to=functions.read_file "
        '<|constrain|>json<|message|>{"path": "a.go"}<|call|>'
    )
    opening: str = r"(?:<\|start\|>\s*assistant[^<]{0,200})?<\|channel\|>"

    def read(self, opened: Opened) -> Reading | None:
        text, start, tools = opened.text, opened.start, opened.tools
        header = _HEADER.match(text, start)
        if header is None:
            return None
        recipient = _RECIPIENT.search(f"{header[1] or ''} {header[3]}")
        if recipient:
            return self._call(text, start, header.end(), recipient[1], tools)
        ended = _BODY_END.search(text, header.end())
        body, stop = text[header.end() : ended.start() if ended else len(text)], ended.end() if ended else len(text)
        return Reading(stop, thought=body) if header[2] == "analysis" else Reading(stop, content=body)

    def _call(self, text: str, start: int, at: int, recipient: str, tools: Tools) -> Reading:
        tool = tools.name(recipient) or tools.name(recipient.removesuffix("json"))
        if tool is None:
            return kept(text, start, at, unparsed=1 if tools else 0)
        blank = re.compile(r"\s*").match(text, at)
        body = blank.end() if blank else at
        try:
            arguments, stop = value_at(text, body)
        except UnreadableError as fault:
            ended = _BODY_END.search(text, fault.reach - 1)
            stop = ended.end() if ended else len(text)
            inner = text[body : ended.start() if ended else len(text)].strip()
            if not inner and ended:
                return Reading(stop, (TextCall(tool, "", self.name),))
            return broken(tool, self.name, text, start, stop)
        ended = re.compile(r"\s*<\|(?:end|call|return)\|>").match(text, stop)
        return Reading(ended.end() if ended else stop, (TextCall(tool, as_text(arguments), self.name),))
