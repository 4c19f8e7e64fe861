"""What a form makes of a piece of text, and what a form is."""

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
    """What stays as content in the place of the piece."""
    thought: str | None = None
    """The reasoning that the piece is; None if it is none."""
    unparsed: int = 0
    """Calls in the piece that were not understood."""


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
        """Whose form it is, for the documentation."""
        ...

    @property
    def example(self) -> str:
        """A call of `read_file` with the path `a.go`, for the documentation and the contract suite."""
        ...

    @property
    def opening(self) -> str:
        """A regular expression, without capturing groups, of how the form begins."""
        ...

    def read(self, opened: Opened) -> Reading | None:
        """Read the text from an opening; None if it is plain text."""
        ...


_BLANK_END = re.compile(r"\s*\Z")


def is_last(text: str, at: int) -> bool:
    """Whether nothing but blanks follows."""
    return _BLANK_END.match(text, at) is not None


def kept(text: str, start: int, end: int, *, unparsed: int = 0) -> Reading:
    """The piece as plain text. It is not looked at again, which keeps the scan linear."""
    return Reading(end, content=text[start:end], unparsed=unparsed)


def broken(name: str, form: str, text: str, start: int, end: int) -> Reading:
    """A call that names a tool and cannot be read: the tool answers it with an error."""
    return Reading(end, (TextCall(name, text[start:end].strip(), form, broken=True),), unparsed=1)
