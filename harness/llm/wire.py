"""The request: its fields, in an order that servers' prompt caches can rely on."""

import json
from collections.abc import Collection, Sequence

from harness.config import ModelConfig, ToolsMode
from harness.llm.texttools import as_text
from harness.llm.types import JSON

OPTIONAL = ("top_k", "min_p", "repetition_penalty", "presence_penalty", "seed", "stream_options")
"""Fields beyond the common core of all servers; a call can do without them where they are refused."""


def request(
    model: ModelConfig,
    messages: Sequence[JSON],
    tools: Sequence[JSON],
    *,
    stream: bool,
    seed: int | None,
    without: Collection[str] = (),
) -> JSON:
    """The request as plain data.

    What stays the same from call to call comes first, then the messages, so that each request of a pass
    repeats the bytes of the one before it up to where the history grew.
    """
    fields: JSON = {"model": model.name}
    if model.tools is ToolsMode.text:
        messages = as_text(messages, tools)
    elif tools:
        fields["tools"] = list(tools)
    fields |= {
        "messages": list(messages),
        "stream": stream,
        "max_tokens": model.max_tokens,
        "temperature": model.temperature,
        "top_p": model.top_p,
        "top_k": model.top_k,
        "min_p": model.min_p,
        "repetition_penalty": model.repetition_penalty,
        "presence_penalty": model.presence_penalty,
    }
    if stream:
        fields["stream_options"] = {"include_usage": True}
    if seed is not None:
        fields["seed"] = seed
    return {name: value for name, value in fields.items() if name not in without}


def encoded(value: object) -> bytes:
    """Compact JSON in UTF-8: the same data always gives the same bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
