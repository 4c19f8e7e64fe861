"""Messages, replies and the seam between the loop and a model server.

Servers parse the arguments of every earlier call, and refuse all later requests over one that they cannot read. So a
call goes back into the history in a form that every server accepts.
"""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

JSON = dict[str, Any]

CUT = frozenset({"length", "max_tokens", "model_length"})
"""Finish reasons of a reply that was cut."""


@dataclass(frozen=True)
class ToolCall:
    """A call that the model requested; `arguments` is its JSON text as generated, possibly malformed.

    The transcript and the tools get the text as generated, and the history a form that every server accepts.
    """

    id: str
    name: str
    arguments: str
    form: str = field(default="", compare=False)
    """The form of the text that it was read from; empty for a native call, and for one that could not be read."""

    def as_message_part(self) -> JSON:
        """Return the call for the history."""
        function = {"name": sendable_name(self.name), "arguments": sendable_arguments(self.arguments)}
        return {"id": sendable_id(self.id), "type": "function", "function": function}

    def answer(self, text: str) -> JSON:
        """Return the message with the result of the call."""
        return {"role": "tool", "tool_call_id": sendable_id(self.id), "content": text}


@dataclass(frozen=True)
class Usage:
    """Token counts of one call, reported by the server or else estimated."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int | None = None
    """Prompt tokens from the server's cache; None where the server does not report them."""
    server_time_sec: float | None = None
    """Seconds of work that the server reports; None where it does not."""
    estimated: bool = False


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
        """Return the figures for the transcript; the last two are part of its usage."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in own.items() if name not in ("cached_tokens", "server_sec")}


@dataclass(frozen=True)
class Reply:
    """One assistant turn. `content` never holds reasoning, which is kept in the trace and never sent to the model."""

    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    timing: CallTiming = field(default_factory=CallTiming, compare=False)
    empty: bool = False
    """True if the server sent no choices at all."""
    unparsed: int = 0
    """Pieces of its text that look like a call and could not be read."""
    filled: bool = False
    """True if prompt and reply filled the server's window, as far as that is known."""

    @property
    def cut(self) -> bool:
        """Return True if the reply ended before the model did."""
        return self.finish_reason.lower() in CUT

    def as_message(self) -> JSON:
        """Return the turn for the history, without its reasoning."""
        message: JSON = {"role": "assistant", "content": self.content}
        if self.tool_calls:
            message["tool_calls"] = [call.as_message_part() for call in self.tool_calls]
        return message


OnDelta = Callable[[str, str], None]
"""Called with ("reasoning" or "content", text) as a streamed reply arrives."""


class ChatModel(Protocol):
    """The model as the session sees it."""

    def complete(self, messages: Sequence[JSON], tools: Sequence[JSON], *, seed: int | None) -> Reply:
        """Return one reply to the messages. Raises ModelError if the call failed for good."""
        ...

    @property
    def server(self) -> JSON:
        """Return the facts of the server so far, for the record; `simulated` is true if it says so itself."""
        ...


EMPTY = "{}"

DEEPEST = 32
"""Levels of nesting that are sent back; no argument of a tool has more than two."""

_IDENTITY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_FORBIDDEN_IN_NAME = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64


def sendable_arguments(text: str) -> str:
    """Return the JSON text of an object: as generated if it is strict JSON, else what can be read of it, or `{}`."""
    value = _read(text)
    if isinstance(value, str):
        text, value = value, _read(value)
    if not isinstance(value, dict) or _depth(value) > DEEPEST:
        return EMPTY
    strict = _strict(value)
    if strict is None:
        return EMPTY
    return text if _read(strict) == value else strict


def sendable_name(name: str) -> str:
    """Return the name of a function with the characters replaced that OpenAI's interface forbids."""
    return _FORBIDDEN_IN_NAME.sub("_", name)[:_LONGEST_NAME] or "_"


def generated_id(number: int) -> str:
    """Return the id of a call that came without one: nine letters and digits, as Mistral's chat template requires."""
    return f"call{number:05d}"


def sendable_id(identity: str) -> str:
    """Return the id of a call; one that servers may refuse is replaced by a hash of it."""
    if _IDENTITY.fullmatch(identity):
        return identity
    return hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:9]


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _strict(value: object) -> str | None:
    """Return the value as strict JSON; None if it holds a number that JSON lacks, such as NaN or 1e999."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return None
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _depth(value: object) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        inner = [list(part.values()) if isinstance(part, dict) else part for part in level]
        level = [item for part in inner if isinstance(part, list) for item in part]
    return depth
