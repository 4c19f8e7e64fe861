"""Scan of a text from left to right: at each opening its form reads a piece."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.llm.forms.reading import Form, Opened, Reading, TextCall, kept
from harness.llm.forms.registry import FORMS, REASONING, TEXT
from harness.llm.forms.tools import Tools
from harness.llm.reasoning import CLOSING

_CLOSED = "closed"
_DEBRIS = re.compile(
    r"</?(?:minimax:)?tool_calls?>|<\|(?:eot_id|eom_id|im_end|end|call|return)\|>|```\w*\s*```"
    r"|<[｜|]tool[▁_ ]calls[▁_ ]end[｜|]>|<\|tool_calls?_section_end\|>"
)
"""Remains of calls in the text around them."""


_ANNOUNCED = re.compile(
    r"^[ \t]*(?:<(?:tool_\w{1,20}|function\w{0,20})\b[^>\n]{0,200}>|Action[ \t]*:(?=[^\n]*\n[ \t]*Action Input[ \t]*:))"
    r"(?P<begun>.{0,200})",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
"""Beginnings of forms that are not read. Beside a tool's name one counts as an unparsed call."""
_WORD = re.compile(r"[A-Za-z_][\w.-]{0,80}")


@dataclass(frozen=True)
class Parts:
    """A text, split into content, reasoning and calls."""

    content: str
    thoughts: tuple[str, ...] = ()
    calls: tuple[TextCall, ...] = ()
    unparsed: int = 0


@dataclass
class _Pieces:
    """Text since the last reasoning ended."""

    content: list[str] = field(default_factory=list)
    calls: list[TextCall] = field(default_factory=list)
    unparsed: int = 0

    def take(self, reading: Reading) -> None:
        self.content.append(reading.content)
        self.calls.extend(reading.calls)
        self.unparsed += reading.unparsed


class _Pattern:
    """All openings of some forms as one expression, so that a text is searched once."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.forms = {f"f{place}": form for place, form in enumerate(forms)}
        openings = [f"(?P<{key}>{form.opening})" for key, form in self.forms.items()]
        self.regex = re.compile("|".join([*openings, f"(?P<{_CLOSED}>{CLOSING})"]), re.MULTILINE)


_EVERYTHING = _Pattern((*REASONING, *FORMS, *TEXT))
_REASONING_ONLY = _Pattern(REASONING)


def split_text(text: str, tools: Tools) -> Parts:
    """Split a text into content, reasoning and calls, in time proportional to its length.

    Text before a closing tag of reasoning that was never opened is reasoning, since chat templates may open it. Without
    tools there are no calls. A text without reasoning and calls is returned unchanged.
    """
    pattern = _EVERYTHING if tools else _REASONING_ONLY
    done, recent, thoughts = _Pieces(), _Pieces(), []
    at = last = since = 0
    while match := pattern.regex.search(text, at):
        if match.lastgroup == _CLOSED:
            thoughts.append(text[since : match.start()])
            recent = _Pieces()
            at = last = since = match.end()
            continue
        form = pattern.forms[str(match.lastgroup)]
        try:
            reading = form.read(Opened(text, match.start(), match.end(), tools))
        except RecursionError:  # nested more deeply than any argument
            reading = kept(text, match.start(), match.end(), unparsed=1)
        if reading is None:
            at = max(match.end(), match.start() + 1)
            continue
        recent.content.append(text[last : match.start()])
        recent.take(reading)
        at = last = max(reading.end, match.start() + 1)
        if reading.thought is not None:
            thoughts.append(reading.thought)
            _move(recent, done)
            since, recent = at, _Pieces()
    if not last:
        return Parts(text, unparsed=_announced(text, tools))
    recent.content.append(text[last:])
    _move(recent, done)
    content = "".join(done.content)
    if content == text:
        return Parts(text, unparsed=done.unparsed)
    stripped = tuple(thought.strip() for thought in thoughts if thought.strip())
    return Parts(_cleared(content, done.calls), stripped, tuple(done.calls), done.unparsed)


def _announced(text: str, tools: Tools) -> int:
    """Return 1 for an unread text that announces a call of a tool, else 0."""
    announced = _ANNOUNCED.search(text) if tools else None
    words = _WORD.findall(announced[0]) if announced else ()
    return int(any(tools.name(word) for word in words))


def _move(recent: _Pieces, done: _Pieces) -> None:
    done.content.extend(recent.content)
    done.calls.extend(recent.calls)
    done.unparsed += recent.unparsed


def _cleared(content: str, calls: Sequence[TextCall]) -> str:
    return (_DEBRIS.sub("", content) if calls else content).strip()
