"""The protocol of a form of calls, and the result of reading a piece of text."""

import re
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from harness.llm.forms.tools import Tools


@dataclass(frozen=True)
class TextCall:
    """A call that was read from text; the arguments are JSON text, or the raw text of a broken call."""

    name: str
    arguments: str
    form: str
    broken: bool = False


@dataclass(frozen=True)
class Reading:
    """A piece of a reply, read up to `end`."""

    end: int
    calls: tuple[TextCall, ...] = ()
    content: str = ""
    """Text that stays as content in place of the piece."""
    thought: str | None = None
    """The piece as reasoning; None if it is none."""
    unparsed: int = 0
    """Calls in the piece that could not be read."""


class Opened(NamedTuple):
    """A place in a text where a form begins: its opening lies between `start` and `end`."""

    text: str
    start: int
    end: int
    tools: Tools


class Form(Protocol):
    """One way in which models write calls. Reading takes time in proportion to the text that it consumes."""

    @property
    def name(self) -> str:
        """The key under which the record counts calls of this form."""
        ...

    @property
    def models(self) -> str:
        """Origin of the form, for the documentation."""
        ...

    @property
    def example(self) -> str:
        """A call of `read_file` with the path `a.go`, for the documentation and the contract suite."""
        ...

    @property
    def opening(self) -> str:
        """A regular expression for the beginning of the form, without capturing groups."""
        ...

    def read(self, opened: Opened) -> Reading | None:
        """Read the text from an opening; None if it is plain text."""
        ...


def named_tool(head: str, opened: Opened) -> tuple[str, int] | Reading | None:
    """Return the tool that the head of a call names, and the end of the head.

    A head without a known tool is read as plain text. Return None if the text does not begin with a head.
    """
    match = re.compile(head).match(opened.text, opened.start)
    if match is None:
        return None
    tool = opened.tools.name(match[1].strip())
    return (tool, match.end()) if tool else kept(opened.text, opened.start, match.end(), unparsed=1)


_BLANK_END = re.compile(r"\s*\Z")


def is_last(text: str, at: int) -> bool:
    """Return True if only blanks follow."""
    return _BLANK_END.match(text, at) is not None


def kept(text: str, start: int, end: int, *, unparsed: int = 0) -> Reading:
    """Return the piece as plain text. It is not scanned again, which keeps the scan linear."""
    return Reading(end, content=text[start:end], unparsed=unparsed)


def broken(name: str, form: str, text: str, start: int, end: int) -> Reading:
    """Return a call that names a tool and cannot be read; its result is an error."""
    return Reading(end, (TextCall(name, text[start:end].strip(), form, broken=True),), unparsed=1)
