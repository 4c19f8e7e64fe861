"""Token counts of a call: as the server tells them, estimated, and against the window."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from harness.llm.errors import ContextOverflow
from harness.llm.text import count, seconds
from harness.llm.timing import CallTiming, ReplyClock, merged
from harness.llm.types import JSON, Reply, Usage
from harness.llm.wire import encoded

BYTES_PER_TOKEN = 4
"""The rule of the estimate: a token for every four bytes of UTF-8, rounded up."""


def reported(raw: object) -> Usage | None:
    """The counts that a server told; None where they tell nothing, as when missing, zero or not numbers.

    Of prompt, completion and total, two give the third. A total that was told is believed as it stands.
    """
    if not isinstance(raw, dict):
        return None
    prompt, completion, total = (count(raw.get(f"{kind}_tokens")) for kind in ("prompt", "completion", "total"))
    if not total:
        if not prompt or completion is None:
            return None
        total = prompt + completion
    if prompt is None:
        prompt = max(total - (completion or 0), 0)
    if completion is None:
        completion = max(total - prompt, 0)
    details = raw.get("prompt_tokens_details")
    cached = count(details.get("cached_tokens")) if isinstance(details, dict) else None
    if cached is None:
        cached = count(raw.get("cached_tokens"))
    return Usage(prompt, completion, total, cached, seconds(raw.get("total_time")))


def estimated(messages: Sequence[JSON], tools: Sequence[JSON], reply: Reply) -> Usage:
    """Counts by the rule: the prompt is the JSON of messages and tools, the completion all that was generated."""
    prompt = _tokens(len(encoded(list(messages))) + len(encoded(list(tools))))
    generated = [reply.content, reply.reasoning]
    generated += [part for call in reply.tool_calls for part in (call.name, call.arguments)]
    completion = _tokens(sum(len(part.encode()) for part in generated))
    return Usage(prompt, completion, prompt + completion, estimated=True)


def measured(usage: Usage, timing: CallTiming | None, clock: ReplyClock) -> tuple[Usage, CallTiming]:
    """Usage and timing of a reply, each completed by what the other holds. Estimated tokens make no speed."""
    if timing is not None:
        usage = replace(
            usage,
            cached_tokens=timing.cached_tokens if usage.cached_tokens is None else usage.cached_tokens,
            server_time_sec=timing.server_sec if usage.server_time_sec is None else usage.server_time_sec,
        )
    if usage.estimated:
        read, generated = None, None
    else:
        cached = usage.cached_tokens
        read = None if cached is None else max(usage.prompt_tokens - cached, 0)
        generated = usage.completion_tokens
    clocked = clock.timing(read, usage.completion_tokens)
    if generated is None:
        clocked = replace(clocked, decode_tokens=None)
    both = merged(timing, clocked)
    if both.timed_by == "server":
        both = replace(
            both,
            prefill_tokens=read if both.prefill_tokens is None else both.prefill_tokens,
            decode_tokens=generated if both.decode_tokens is None else both.decode_tokens,
        )
    return usage, both


def _tokens(size: int) -> int:
    return -(-size // BYTES_PER_TOKEN)


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
