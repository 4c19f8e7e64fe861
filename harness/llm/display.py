"""Display of a streamed reply while it arrives."""

from harness.llm.reasoning import LiveSplitter
from harness.llm.text import encodable
from harness.llm.types import OnDelta


class Display:
    """Hands each piece to the onlooker, if there is one, inline reasoning told apart from content."""

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
        """Hand over what was held back, since it might have been the start of a tag."""
        if self._on_delta is not None:
            for kind, text in self._splitter.rest():
                self._on_delta(kind, encodable(text))
