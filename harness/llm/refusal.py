"""Detection of a server that refuses a request over the model's earlier words.

A server that failed must not be taken for one that refuses, nor a server that takes no conversation with calls at all.
So the request is held against another one, alike but for the model's words, unless the server itself names the cause.
"""

import re
from collections.abc import Sequence

from harness.llm.errors import ModelError
from harness.llm.types import JSON

PROBE_TOKENS = 16
"""Most tokens that are generated to see whether a request is accepted."""

_NOT_OF_THE_CONTENT = frozenset({401, 402, 403, 405, 407, 408, 425, 426, 429})
"""Statuses below 500 of the key, the rate or the way, none of which depends on what a request says."""

_NAMED = re.compile(
    r"tool[ _]?calls?[^\n]{0,60}arguments?|arguments?[^\n]{0,80}(?:json|pars|object|dict)|"
    r"unterminated string|expecting (?:value|property name|'[,:]' delimiter)|extra data: line|"
    r"invalid (?:control character|\\+escape)|json[ _.]?(?:decode|parse)[ _.]?error",
    re.IGNORECASE,
)
"""Messages of servers that cannot read the arguments of an earlier call, errors of Python's JSON among them."""

_REPLY_NAMED = re.compile(
    r"failed to parse (?:input|output|tool call|(?:the )?(?:response|model))|error parsing tool call"
    r"|model (?:produced|generated|returned) (?:an? )?(?:invalid |malformed )?(?:output|response|tool call)",
    re.IGNORECASE,
)
"""Messages of servers that cannot read the reply that their model has just generated."""

_UNHANDLED = "Internal Server Error"
"""The whole body of an answer by which Starlette and its kin report an exception of their own."""

_FILLER = "word "


def is_refusal(fault: ModelError) -> bool:
    """Return True if the status may depend on the content of the request."""
    status = _status(fault)
    return status is not None and (status == 500 or 400 <= status < 500) and status not in _NOT_OF_THE_CONTENT


def failed_inside(fault: ModelError) -> bool:
    """Return whether an exception ended the request in a Python server, as when it cannot parse its model's reply."""
    return _status(fault) == 500 and fault.detail.strip() == _UNHANDLED


def names_the_reply(fault: ModelError) -> bool:
    """Return True if the server could not read the reply of its own model."""
    return _status(fault) == 500 and _REPLY_NAMED.search(fault.detail) is not None


def names_the_history(fault: ModelError) -> bool:
    """Return True if the server could not read an earlier call."""
    return _NAMED.search(fault.detail) is not None


def has_history(messages: Sequence[JSON]) -> bool:
    """Return True if the conversation holds words of the model."""
    return any(message.get("role") == "assistant" for message in messages)


def neutral(messages: Sequence[JSON], tools: Sequence[JSON]) -> list[JSON]:
    """The same conversation, as long and of the same form, without what the model wrote and what its calls brought."""
    name = next((tool["function"]["name"] for tool in tools), "tool")
    return [_neutral(message, name) for message in messages]


def _neutral(message: JSON, name: str) -> JSON:
    if message.get("role") not in ("assistant", "tool"):
        return message
    plain = {**message, "content": _filler(message.get("content") or "")}
    if calls := message.get("tool_calls"):
        plain["tool_calls"] = [_neutral_call(call, name) for call in calls]
    return plain


def _neutral_call(call: JSON, name: str) -> JSON:
    arguments = '{"text":"' + _filler(call["function"]["arguments"]) + '"}'
    return {**call, "function": {"name": name, "arguments": arguments}}


def _filler(text: str) -> str:
    return (_FILLER * (len(text) // len(_FILLER) + 1))[: len(text)].rstrip() if text else ""


def _status(fault: ModelError) -> int | None:
    """The status of the fault, or of the one behind it that was repeated in vain."""
    cause = fault.__cause__
    return fault.status or (cause.status if isinstance(cause, ModelError) else None)
