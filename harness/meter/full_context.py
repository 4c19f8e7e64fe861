"""The requests that are refused as a server refuses a prompt over its window, where the pass goes on then."""

from collections.abc import Sequence

from harness.llm.errors import ContextOverflow
from harness.llm.types import JSON, Usage
from harness.llm.usage import Window
from harness.llm.wire import size_of


class FullContext:
    """Refuses requests as long as one that reached the limit, or longer than the server's own count allows."""

    def __init__(self, limit: int) -> None:
        """`limit` is in tokens."""
        self.limit = limit
        self._window = Window(limit, "ctx_limit")
        self._full: int | None = None

    def refusal(self, messages: Sequence[JSON], tools: Sequence[JSON]) -> ContextOverflow | None:
        """Return the error of a request that is refused; None if it may be sent."""
        size = size_of(messages, tools)
        if self._full is not None and size >= self._full:
            return ContextOverflow(f"an earlier prompt of this length reached ctx_limit {self.limit}: not sent")
        try:
            self._window.check(size)
        except ContextOverflow as error:
            return error
        return None

    def add(self, messages: Sequence[JSON], tools: Sequence[JSON], usage: Usage) -> None:
        """Take the tokens of a call."""
        size = size_of(messages, tools)
        self._window.add(size, usage)
        if usage.total_tokens >= self.limit:
            self._full = size if self._full is None else min(size, self._full)
