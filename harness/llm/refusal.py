"""Detection of a server that refuses a request because of the model's earlier words.

A server that failed, or that accepts no conversation with calls at all, must not be mistaken for such a refusal. So the
request is compared with one that differs in the model's words alone, unless the server itself names the cause.
"""

import re
from collections.abc import Sequence

from harness.llm.errors import ModelError
from harness.llm.types import JSON

PROBE_TOKENS = 16
"""Largest reply in tokens of a request that only tests whether it is accepted."""

_OTHER_CAUSES = frozenset({401, 402, 403, 405, 407, 408, 425, 426, 429})
"""Statuses below 500 that concern the key, the rate or the route, and never the content of a request."""

_HISTORY_ERROR = re.compile(
    r"tool[ _]?calls?[^\n]{0,60}arguments?|arguments?[^\n]{0,80}(?:json|pars|object|dict)|"
    r"unterminated string|expecting (?:value|property name|'[,:]' delimiter)|extra data: line|"
    r"invalid (?:control character|\\+escape)|json[ _.]?(?:decode|parse)[ _.]?error",
    re.IGNORECASE,
)
"""Messages of servers that cannot parse the arguments of an earlier call, with errors of Python's JSON."""

_REPLY_ERROR = re.compile(
    r"failed to parse (?:input|output|tool call|(?:the )?(?:response|model))|error parsing tool call"
    r"|model (?:produced|generated|returned) (?:an? )?(?:invalid |malformed )?(?:output|response|tool call)",
    re.IGNORECASE,
)
"""Messages of servers that cannot parse the reply that their model generated."""

_UNHANDLED = "Internal Server Error"
"""The whole body by which Starlette and similar servers report an uncaught exception."""

_FILLER = "word "


def is_refusal(fault: ModelError) -> bool:
    """Return True if the status may depend on the content of the request."""
    status = _status(fault)
    return status is not None and (status == 500 or 400 <= status < 500) and status not in _OTHER_CAUSES


def failed_inside(fault: ModelError) -> bool:
    """Return True if an uncaught exception of a Python server ended the request, as over an unparsable reply."""
    return _status(fault) == 500 and fault.detail.strip() == _UNHANDLED


def names_the_reply(fault: ModelError) -> bool:
    """Return True if the server could not parse its model's reply."""
    return _status(fault) == 500 and _REPLY_ERROR.search(fault.detail) is not None


def names_the_history(fault: ModelError) -> bool:
    """Return True if the server could not parse an earlier call."""
    return _HISTORY_ERROR.search(fault.detail) is not None


def has_history(messages: Sequence[JSON]) -> bool:
    """Return True if the conversation holds words of the model."""
    return any(message.get("role") == "assistant" for message in messages)


def neutral(messages: Sequence[JSON], tools: Sequence[JSON]) -> list[JSON]:
    """Return the conversation, in the same length and form, without the model's words and its calls' results."""
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
    """Return the status of the error, or of the transient error that caused it."""
    cause = fault.__cause__
    return fault.status or (cause.status if isinstance(cause, ModelError) else None)
