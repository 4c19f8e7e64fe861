"""Messages, replies and the seam between the loop and a model server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from harness.llm.history import sendable_arguments, sendable_id, sendable_name
from harness.llm.timing import CallTiming

JSON = dict[str, Any]

CUT = frozenset({"length", "max_tokens", "model_length"})
"""Finish reasons of a reply that was cut."""


@dataclass(frozen=True)
class ToolCall:
    """A call that the model asked for; `arguments` is its JSON text, as generated, possibly malformed.

    What was generated is for the transcript and the tools. The history holds what every server accepts.
    """

    id: str
    name: str
    arguments: str
    form: str = field(default="", compare=False)
    """The form of the text that it was read from; empty for a native call, and for one that was not understood."""

    def as_message_part(self) -> JSON:
        """The call as it is kept in the history."""
        function = {"name": sendable_name(self.name), "arguments": sendable_arguments(self.arguments)}
        return {"id": sendable_id(self.id), "type": "function", "function": function}

    def answer(self, text: str) -> JSON:
        """The message that tells the model what came of the call."""
        return {"role": "tool", "tool_call_id": sendable_id(self.id), "content": text}


@dataclass(frozen=True)
class Usage:
    """Token counts of one call, as the server tells them, or estimated where it is silent."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int | None = None
    """Prompt tokens from the server's cache; None where the server does not report them."""
    server_time_sec: float | None = None
    """Seconds that the server says it worked; None where it does not."""
    estimated: bool = False


@dataclass(frozen=True)
class Reply:
    """One assistant turn. `content` never holds reasoning: that goes to the trace, not back to the model."""

    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    timing: CallTiming = field(default_factory=CallTiming, compare=False)
    empty: bool = False
    """The server answered with no choices at all."""
    unparsed: int = 0
    """Pieces of its text that look like a call and were not understood."""
    filled: bool = False
    """True if prompt and reply filled the server's window, as far as that is known."""

    @property
    def cut(self) -> bool:
        """Return True if the reply ended before the model did."""
        return self.finish_reason.lower() in CUT

    def as_message(self) -> JSON:
        """The turn as it is kept in the history, reasoning left out."""
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
