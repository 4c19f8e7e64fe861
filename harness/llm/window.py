"""The window that a server serves, and whether the next prompt can fit it."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.llm.errors import ContextOverflow
from harness.llm.types import JSON, Usage
from harness.llm.wire import encoded

DOUBT = 0.8
"""Share of the tokens expected of new text that it surely has: text differs in how many bytes make a token."""

MARGIN = 8
"""Tokens before the end of its window at which a server may end a reply."""


@dataclass(frozen=True)
class _Counted:
    bytes: int
    tokens: int


class Window:
    """Measures prompts by what the server itself counted of the one before."""

    def __init__(self, tokens: int | None) -> None:
        self._tokens = tokens
        self._last: _Counted | None = None

    def check(self, messages: Sequence[JSON], tools: Sequence[JSON]) -> None:
        """Raises ContextOverflow if the prompt cannot fit, before it is sent for nothing."""
        least = self._least(_bytes(messages, tools))
        if self._tokens is not None and least >= self._tokens:
            raise ContextOverflow(
                f"the prompt has {least} tokens or more and the server's window {self._tokens}: not sent"
            )

    def filled(self, usage: Usage) -> bool:
        """Return True if prompt and reply together filled the window; False if its size is unknown."""
        if self._tokens is None:
            return False
        most = DOUBT * self._tokens if usage.estimated else self._tokens - MARGIN
        return usage.total_tokens >= most

    def see(self, messages: Sequence[JSON], tools: Sequence[JSON], usage: Usage) -> None:
        """Note what the server counted of a prompt; estimates teach nothing."""
        if usage.prompt_tokens and not usage.estimated:
            self._last = _Counted(_bytes(messages, tools), usage.prompt_tokens)

    def _least(self, size: int) -> int:
        """The fewest tokens that so many bytes can be."""
        last = self._last
        if last is None:
            return 0
        if size < last.bytes:  # another pass: nothing of the last prompt is known to be in this one
            return int(DOUBT * size * last.tokens / last.bytes)
        return last.tokens + int(DOUBT * (size - last.bytes) * last.tokens / last.bytes)


def _bytes(messages: Sequence[JSON], tools: Sequence[JSON]) -> int:
    return len(encoded(list(messages))) + len(encoded(list(tools)))
