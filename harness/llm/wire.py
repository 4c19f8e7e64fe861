"""The request: its fields, in an order that servers' prompt caches can rely on."""

import json
from collections.abc import Collection, Sequence

from harness.config import ModelConfig, ToolsMode
from harness.llm.texttools import as_text
from harness.llm.types import JSON

SAMPLING = {
    "temperature": ("temperature",),
    "top_p": ("top_p",),
    "top_k": ("top_k",),
    "min_p": ("min_p",),
    "repetition_penalty": ("repetition_penalty", "repeat_penalty"),
    "presence_penalty": ("presence_penalty",),
}
"""The sampling fields of a config, each with the names that it is sent under. llama.cpp, LM Studio and others read
`repeat_penalty`, and ignore `repetition_penalty` without a word."""

CORE = ("temperature", "top_p")
"""Sampling fields that every server takes."""

OPTIONAL = (
    *(name for field, names in SAMPLING.items() if field not in CORE for name in names),
    "seed",
    "stream_options",
)
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
        **{name: getattr(model, field) for field, names in SAMPLING.items() for name in names},
    }
    if stream:
        fields["stream_options"] = {"include_usage": True}
    if seed is not None:
        fields["seed"] = seed
    return {name: value for name, value in fields.items() if name not in without}


def encoded(value: object) -> bytes:
    """Compact JSON in UTF-8: the same data always gives the same bytes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
