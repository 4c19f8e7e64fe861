"""Messages, replies and the seam between the loop and a model server."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

JSON = dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """A call that the model asked for; `arguments` is its JSON text, as generated, possibly malformed."""

    id: str
    name: str
    arguments: str

    def as_message_part(self) -> JSON:
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


@dataclass(frozen=True)
class Usage:
    """Token counts of one call, as the server tells them, or estimated where it is silent."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int = 0
    server_time_sec: float = 0.0
    estimated: bool = False


@dataclass(frozen=True)
class Reply:
    """One assistant turn. `content` never holds reasoning: that goes to the trace, not back to the model."""

    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    empty: bool = False
    """The server answered with no choices at all."""

    def as_message(self) -> JSON:
        """The turn as it is kept in the history, reasoning left out."""
        message: JSON = {"role": "assistant", "content": self.content}
        if self.tool_calls:
            message["tool_calls"] = [call.as_message_part() for call in self.tool_calls]
        return message


class ModelError(Exception):
    """A call that failed for good, in one line; retries, where they help, lie behind it."""


OnDelta = Callable[[str, str], None]
"""Called with ("reasoning" or "content", text) as a streamed reply arrives."""


class ChatModel(Protocol):
    """The model as the session sees it."""

    def complete(self, messages: Sequence[JSON], tools: Sequence[JSON], *, seed: int | None) -> Reply:
        """One reply to the messages. Raises ModelError when the call failed for good."""
        ...

    @property
    def server(self) -> JSON:
        """What is known of the server so far, for the record; `simulated` is true if it says so itself."""
        ...
