"""Separate reasoning from content by the tags of many models, and show both as they arrive."""

import re
from collections.abc import Iterator

from harness.llm.text import encodable
from harness.llm.types import OnDelta

TAGS = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("[THINK]", "[/THINK]"),
    ("<|channel>thought", "<channel|>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
)
"""Tags around reasoning: common ones, then those of Mistral, Gemma 4, Seed and Kimi-VL."""

OPENING = "|".join(re.escape(opening) for opening, _ in TAGS)
CLOSING = "|".join(re.escape(closing) for _, closing in TAGS)
_TAG = re.compile(f"{OPENING}|{CLOSING}")
_LITERALS = tuple(tag for pair in TAGS for tag in pair)
_OPENINGS = tuple(opening for opening, _ in TAGS)


class LiveSplitter:
    """Splits streamed content for display. The reply itself is split once it is whole."""

    def __init__(self) -> None:
        self._held = ""
        self._kind = "content"

    def feed(self, piece: str) -> Iterator[tuple[str, str]]:
        """Yield the text so far, as (kind, text). A possible start of a tag is held back."""
        self._held += piece
        while tag := _TAG.search(self._held):
            yield from self._emit(tag.start())
            self._held = self._held[len(tag.group()) :]
            self._kind = "reasoning" if tag.group() in _OPENINGS else "content"
        yield from self._emit(len(self._held) - self._doubtful())

    def rest(self) -> Iterator[tuple[str, str]]:
        """Yield the text that was held back, at the end of the stream."""
        yield from self._emit(len(self._held))

    def _emit(self, length: int) -> Iterator[tuple[str, str]]:
        text, self._held = self._held[:length], self._held[length:]
        if text:
            yield self._kind, text

    def _doubtful(self) -> int:
        longest = min(len(self._held), max(map(len, _LITERALS)) - 1)
        sizes = range(longest, 0, -1)
        return next((size for size in sizes if any(tag.startswith(self._held[-size:]) for tag in _LITERALS)), 0)


class Display:
    """Passes each piece to the callback, if there is one, with inline reasoning separated from content."""

    def __init__(self, on_delta: OnDelta | None) -> None:
        self._on_delta = on_delta
        self._splitter = LiveSplitter()

    def show(self, reasoning: str, content: str) -> None:
        if self._on_delta is None:
            return
        if reasoning:
            self._on_delta("reasoning", encodable(reasoning))
        for kind, text in self._splitter.feed(content):
            self._on_delta(kind, encodable(text))

    def end(self) -> None:
        """Pass on the text that was held back as a possible start of a tag."""
        if self._on_delta is not None:
            for kind, text in self._splitter.rest():
                self._on_delta(kind, encodable(text))
