"""The requests that are refused as a server refuses a prompt over its window, where the pass goes on then."""

from collections.abc import Sequence

from harness.llm.errors import ContextOverflow
from harness.llm.types import JSON, Usage
from harness.llm.usage import Window
from harness.llm.wire import encoded


class FullContext:
    """Refuses requests as long as one that reached the limit, or longer than the server's own count allows."""

    def __init__(self, limit: int) -> None:
        """`limit` is in tokens."""
        self.limit = limit
        self._window = Window(limit, "ctx_limit")
        self._full: int | None = None

    def refusal(self, messages: Sequence[JSON], tools: Sequence[JSON]) -> ContextOverflow | None:
        """Return the error of a request that is refused; None if it may be sent."""
        if self._full is not None and _size(messages, tools) >= self._full:
            return ContextOverflow(f"an earlier prompt of this length reached ctx_limit {self.limit}: not sent")
        try:
            self._window.check(messages, tools)
        except ContextOverflow as error:
            return error
        return None

    def add(self, messages: Sequence[JSON], tools: Sequence[JSON], usage: Usage) -> None:
        """Take the tokens of a call."""
        self._window.add(messages, tools, usage)
        if usage.total_tokens >= self.limit:
            size = _size(messages, tools)
            self._full = size if self._full is None else min(size, self._full)


def _size(messages: Sequence[JSON], tools: Sequence[JSON]) -> int:
    return len(encoded(list(messages))) + len(encoded(list(tools)))
