"""Token counts: what the server reported or, where it is silent, an estimate."""

import math
from collections.abc import Sequence

from harness.llm.types import JSON, Reply, Usage
from harness.llm.wire import encoded

BYTES_PER_TOKEN = 4
"""The rule of the estimate: a token for every four bytes of UTF-8, rounded up."""

MOST_TOKENS = 1 << 53
"""No honest count is larger, and no reader of JSON would keep it exact."""


def reported(raw: object) -> Usage | None:
    """The counts that a server told; None where they tell nothing, as when missing, zero or not numbers.

    Of prompt, completion and total, two give the third. A total that was told is believed as it stands.
    """
    if not isinstance(raw, dict):
        return None
    prompt, completion, total = (_count(raw.get(f"{kind}_tokens")) for kind in ("prompt", "completion", "total"))
    if not total:
        if not prompt or completion is None:
            return None
        total = prompt + completion
    if prompt is None:
        prompt = max(total - (completion or 0), 0)
    if completion is None:
        completion = max(total - prompt, 0)
    details = raw.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else None
    return Usage(prompt, completion, total, cached or 0, _seconds(raw.get("total_time")))


def estimated(messages: Sequence[JSON], tools: Sequence[JSON], reply: Reply) -> Usage:
    """Counts by the rule: the prompt is the JSON of messages and tools, the completion all that was generated."""
    prompt = _tokens(len(encoded(list(messages))) + len(encoded(list(tools))))
    generated = [reply.content, reply.reasoning]
    generated += [part for call in reply.tool_calls for part in (call.name, call.arguments)]
    completion = _tokens(sum(len(part.encode()) for part in generated))
    return Usage(prompt, completion, prompt + completion, estimated=True)


def _tokens(size: int) -> int:
    return -(-size // BYTES_PER_TOKEN)


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST_TOKENS:
        return None
    return int(value)


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if 0 <= value < MOST_TOKENS and math.isfinite(value) else 0.0
