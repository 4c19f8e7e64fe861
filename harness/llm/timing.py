"""Durations of a call, from the server's report or else from the clock here."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from harness.llm.text import count, seconds

FASTEST = 10_000.0
"""Tokens a second that no model generates for one conversation: a stream that is faster was held back and then sent."""

FIRST_PIECE = 64
"""Bytes of the largest first piece of a stream that shows when generation began: a larger one was held back."""


@dataclass(frozen=True)
class CallTiming:
    """Seconds and tokens of one call, each null where it is unknown.

    A rate needs both halves of a pair: `prefill_tokens` were read in `prefill_sec`, `decode_tokens` were generated in
    `decode_sec`.
    """

    first_token_sec: float | None = None
    """From the request to the first piece of the streamed reply, by the clock here."""
    prefill_tokens: int | None = None
    """Prompt tokens that were read, those from the cache left out."""
    prefill_sec: float | None = None
    decode_tokens: int | None = None
    decode_sec: float | None = None
    drafted_tokens: int | None = None
    """Tokens that speculative decoding proposed."""
    accepted_tokens: int | None = None
    """Proposed tokens that the model accepted."""
    timed_by: str | None = None
    """Source of the seconds: `server` or `clock`."""
    cached_tokens: int | None = None
    """Prompt tokens from the cache, for a server that reports them beside its timings alone."""
    server_sec: float | None = None
    """Seconds that the server reports for the whole call."""

    @property
    def pairs(self) -> dict[str, Any]:
        """Tokens and seconds of each half, where both are known: what a run's speed is computed from."""
        halves = {"prefill": (self.prefill_tokens, self.prefill_sec), "decode": (self.decode_tokens, self.decode_sec)}
        return {
            f"{half}_{unit}": value
            for half, pair in halves.items()
            if None not in pair
            for unit, value in zip(("tokens", "sec"), pair, strict=True)
        }

    def as_dict(self) -> dict[str, Any]:
        """The figures of the transcript; the last two are part of its usage."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in own.items() if name not in ("cached_tokens", "server_sec")}


def reported_timing(payload: Mapping[str, Any]) -> CallTiming | None:
    """Read the timings of a body, or of a frame of a stream; None where there are none.

    Read are llama.cpp's `timings` (milliseconds), the durations of Ollama's own interface (nanoseconds), and seconds
    inside `usage`, which oMLX (`prompt_eval_duration`, `generation_duration`) and some hosted servers (`prompt_time`,
    `completion_time`) report.
    """
    timings, usage = payload.get("timings"), payload.get("usage")
    if isinstance(timings, dict):
        found = _llama_cpp(timings)
    elif seconds(payload.get("eval_duration")) is not None:
        found = _ollama(payload)
    elif isinstance(usage, dict):
        found = _usage(usage)
    else:
        return None
    return found if found != CallTiming() else None


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
    """The tokens that the seconds of decoding are about: newer servers leave out the first, which the prompt gave."""
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

    What servers hold back until it is whole, as many do with tool calls, looks like a long wait and a short burst.
    Such a reply has no figures by the clock.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Start at the request; `now` returns seconds."""
        self._now = now
        self._asked = now()
        self._first: float | None = None
        self._last = self._asked
        self._sizes: list[int] = []

    def piece(self, size: int) -> None:
        """Note a piece of the reply, by its bytes."""
        self._last = self._now()
        self._first = self._last if self._first is None else self._first
        self._sizes.append(size)

    def timing(self, tokens: int | None, completion: int) -> CallTiming:
        """Return the timing: `tokens` are the prompt tokens read, null if unknown; `completion` those generated.

        The tokens after the first piece are those that the time after it is about, in proportion to their bytes.
        """
        if self._first is None or len(self._sizes) < 2 or self._sizes[0] > FIRST_PIECE:
            return CallTiming()
        later, lasted = sum(self._sizes[1:]), self._last - self._first
        decoded = round(completion * later / max(sum(self._sizes), 1))
        if not decoded or lasted * FASTEST < decoded:
            return CallTiming()
        first, lasted = round(self._first - self._asked, 6), round(lasted, 6)
        return CallTiming(first, tokens, first, decoded, lasted, timed_by="clock")


def merged(reported: CallTiming | None, clocked: CallTiming) -> CallTiming:
    """The server's figures where it reports the seconds, else those of the clock; the first token is the clock's."""
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
