"""Inline reasoning: telling `<think>…</think>` from the content around it."""

import re
from collections.abc import Iterator

OPEN = "<think>"
CLOSE = "</think>"
_TAG = re.compile(f"{OPEN}|{CLOSE}")


def split(content: str) -> tuple[str, list[str]]:
    """The content proper, and the pieces of reasoning found in it.

    A block may be cut off before its closing tag. Before a closing tag without an opening one all is reasoning:
    chat templates may open the block themselves. Content without any tag is returned as it is.
    """
    if OPEN not in content and CLOSE not in content:
        return content, []
    kept, thoughts = [], []
    *closed, last = content.split(CLOSE)
    for segment in closed:
        before, tag, thought = segment.partition(OPEN)
        kept.append(before if tag else "")
        thoughts.append(thought if tag else before)
    before, _, thought = last.partition(OPEN)
    kept.append(before)
    thoughts.append(thought)
    return "".join(kept).strip(), [stripped for thought in thoughts if (stripped := thought.strip())]


class LiveSplitter:
    """Sorts streamed content as it arrives, for the eye only: the reply is split once it is whole."""

    def __init__(self) -> None:
        self._held = ""
        self._kind = "content"

    def feed(self, piece: str) -> Iterator[tuple[str, str]]:
        """What can be told so far, as (kind, text); what may be the start of a tag is held back."""
        self._held += piece
        while tag := _TAG.search(self._held):
            yield from self._tell(tag.start())
            self._held = self._held[len(tag.group()) :]
            self._kind = "reasoning" if tag.group() == OPEN else "content"
        yield from self._tell(len(self._held) - self._doubtful())

    def rest(self) -> Iterator[tuple[str, str]]:
        """What was held back, now that nothing follows."""
        yield from self._tell(len(self._held))

    def _tell(self, length: int) -> Iterator[tuple[str, str]]:
        said, self._held = self._held[:length], self._held[length:]
        if said:
            yield self._kind, said

    def _doubtful(self) -> int:
        longest = min(len(self._held), len(CLOSE) - 1)
        sizes = range(longest, 0, -1)
        return next((size for size in sizes if any(tag.startswith(self._held[-size:]) for tag in (OPEN, CLOSE))), 0)
