"""Token counts: what the server reported or, where it is silent, an estimate."""

from collections.abc import Sequence
from dataclasses import replace

from harness.llm.numbers import count, seconds
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
