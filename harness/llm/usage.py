"""Tokens and durations of a call: reported by the server, estimated or clocked here, and compared with the window."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.llm.errors import ContextOverflow
from harness.llm.types import JSON, CallTiming, Reply, Usage
from harness.llm.wire import size_of

MOST_TOKENS = 1 << 53
"""Largest count that is accepted. No real count is larger, and JSON readers would not keep a larger one exact."""


def count(value: object) -> int | None:
    """A count of tokens; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST_TOKENS:
        return None
    return int(value)


def seconds(value: object) -> float | None:
    """A duration, 0 or more, in the unit in which it came; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < MOST_TOKENS and math.isfinite(value) else None


BYTES_PER_TOKEN = 4
"""Bytes of UTF-8 that the estimate counts as one token, rounded up."""


def reported(raw: object) -> Usage | None:
    """Return the token counts that a server reported; None where they are missing, zero or not numbers.

    Two of prompt, completion and total give the third. A reported total is taken as it is.
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
    """Return estimated counts: the prompt is the JSON of messages and tools, the completion all generated text."""
    prompt = _tokens(size_of(messages, tools))
    generated = [reply.content, reply.reasoning]
    generated += [part for call in reply.tool_calls for part in (call.name, call.arguments)]
    completion = _tokens(sum(len(part.encode()) for part in generated))
    return Usage(prompt, completion, prompt + completion, estimated=True)


def _tokens(size: int) -> int:
    return -(-size // BYTES_PER_TOKEN)


FASTEST = 10_000.0
"""Tokens a second that no model generates for one conversation: a stream that is faster was held back and then sent."""

FIRST_PIECE = 64
"""Bytes of the largest first piece of a stream that shows when generation began: a larger one was held back."""


def reported_timing(payload: Mapping[str, Any]) -> CallTiming | None:
    """Read the timings of a body, or of a frame of a stream; None where there are none.

    Read are llama.cpp's `timings` (milliseconds), the durations of Ollama's own interface (nanoseconds), and seconds
    inside `usage`, which oMLX (`prompt_eval_duration`, `generation_duration`) and some hosted servers (`prompt_time`,
    `completion_time`) report.
    """
    timings, usage = payload.get("timings"), payload.get("usage")
    if isinstance(timings, dict):
        timing = _llama_cpp(timings)
    elif seconds(payload.get("eval_duration")) is not None:
        timing = _ollama(payload)
    elif isinstance(usage, dict):
        timing = _usage(usage)
    else:
        return None
    return timing if timing != CallTiming() else None


def _llama_cpp(timings: Mapping[str, Any]) -> CallTiming:
    prefill, decode = (_scaled(timings.get(f"{kind}_ms"), 1e-3) for kind in ("prompt", "predicted"))
    return CallTiming(
        prefill_tokens=count(timings.get("prompt_n")),
        prefill_sec=prefill,
        decode_tokens=_decoded(count(timings.get("predicted_n")), seconds(timings.get("predicted_per_second")), decode),
        decode_sec=decode,
        drafted_tokens=count(timings.get("draft_n")),
        accepted_tokens=count(timings.get("draft_n_accepted")),
        cached_tokens=count(timings.get("cache_n")),
        server_sec=None if prefill is None or decode is None else prefill + decode,
    )


def _decoded(tokens: int | None, rate: float | None, lasted: float | None) -> int | None:
    """Return the tokens that were generated in the seconds of decoding.

    Newer servers do not time the first token, which comes with the prompt.
    """
    if tokens is None or rate is None or lasted is None:
        return tokens
    return tokens - 1 if round(rate * lasted) == tokens - 1 else tokens


def _ollama(payload: Mapping[str, Any]) -> CallTiming:
    return CallTiming(
        prefill_tokens=count(payload.get("prompt_eval_count")),
        prefill_sec=_scaled(payload.get("prompt_eval_duration"), 1e-9),
        decode_tokens=count(payload.get("eval_count")),
        decode_sec=_scaled(payload.get("eval_duration"), 1e-9),
        server_sec=_scaled(payload.get("total_duration"), 1e-9),
    )


def _usage(usage: Mapping[str, Any]) -> CallTiming:
    prefill, decode = (
        next((value for key in keys if (value := seconds(usage.get(key))) is not None), None)
        for keys in (("prompt_eval_duration", "prompt_time"), ("generation_duration", "completion_time"))
    )
    return CallTiming(prefill_sec=prefill, decode_sec=decode)


def _scaled(value: object, unit: float) -> float | None:
    number = seconds(value)
    return None if number is None else round(number * unit, 9)


class ReplyClock:
    """Times a streamed reply as it arrives.

    Many servers hold back tool calls until they are whole, which looks like a long wait and a short burst. The clock
    gives no figures for such a reply.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start at the request; `now` returns seconds."""
        self._now = now
        self._start = now()
        self._first: float | None = None
        self._last = self._start
        self._sizes: list[int] = []

    def piece(self, size: int) -> None:
        """Time a piece of the reply; `size` is in bytes."""
        self._last = self._now()
        self._first = self._last if self._first is None else self._first
        self._sizes.append(size)

    def timing(self, tokens: int | None, completion: int) -> CallTiming:
        """Return the timing: `tokens` are the prompt tokens read, null if unknown; `completion` those generated.

        The tokens after the first piece, in proportion to their bytes, were generated in the time after it.
        """
        if self._first is None or len(self._sizes) < 2 or self._sizes[0] > FIRST_PIECE:
            return CallTiming()
        later, lasted = sum(self._sizes[1:]), self._last - self._first
        decoded = round(completion * later / max(sum(self._sizes), 1))
        if not decoded or lasted * FASTEST < decoded:
            return CallTiming()
        first, lasted = round(self._first - self._start, 6), round(lasted, 6)
        return CallTiming(first, tokens, first, decoded, lasted, timed_by="clock")


def merged(reported: CallTiming | None, clocked: CallTiming) -> CallTiming:
    """Return the server's figures if it reports seconds, else the clock's; the first token is always the clock's."""
    if reported is None:
        return clocked
    if reported.prefill_sec is None and reported.decode_sec is None:
        return replace(
            clocked,
            drafted_tokens=reported.drafted_tokens,
            accepted_tokens=reported.accepted_tokens,
            cached_tokens=reported.cached_tokens,
        )
    return replace(reported, first_token_sec=clocked.first_token_sec, timed_by="server")


def measured(usage: Usage, timing: CallTiming | None, clock: ReplyClock) -> tuple[Usage, CallTiming]:
    """Return usage and timing of a reply, each completed from the other. Estimated tokens give no speed."""
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


LEAST_SHARE = 0.8
"""Share of the expected tokens that new text has at least: the bytes in a token differ from text to text."""

MARGIN = 8
"""Tokens before the end of its window at which a server may end a reply."""


@dataclass(frozen=True)
class _Counted:
    bytes: int
    tokens: int


class Window:
    """Compares prompts with the server's window, by the server's own count of the prompt before."""

    def __init__(self, tokens: int | None, name: str = "the server's window") -> None:
        """`name` is what errors call the window."""
        self._tokens = tokens
        self._name = name
        self._last: _Counted | None = None

    def check(self, size: int) -> None:
        """Raises ContextOverflow if a prompt of so many bytes of JSON cannot fit, before it is sent for nothing."""
        least = self._least(size)
        if self._tokens is not None and least >= self._tokens:
            raise ContextOverflow(f"the prompt has {least} tokens or more and {self._name} {self._tokens}: not sent")

    def filled(self, usage: Usage) -> bool:
        """Return True if prompt and reply together filled the window; False if its size is unknown."""
        if self._tokens is None:
            return False
        most = LEAST_SHARE * self._tokens if usage.estimated else self._tokens - MARGIN
        return usage.total_tokens >= most

    def add(self, size: int, usage: Usage) -> None:
        """Keep the server's count of a prompt of so many bytes of JSON; estimates are ignored."""
        if usage.prompt_tokens and not usage.estimated:
            self._last = _Counted(size, usage.prompt_tokens)

    def _least(self, size: int) -> int:
        """Return the fewest tokens that a prompt of `size` bytes can have."""
        last = self._last
        if last is None:
            return 0
        if size < last.bytes:  # another pass: it may share nothing with the last prompt
            return int(LEAST_SHARE * size * last.tokens / last.bytes)
        return last.tokens + int(LEAST_SHARE * (size - last.bytes) * last.tokens / last.bytes)
