"""Parts that both translations share: an answer built from the chat completion, and the history of a conversation."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx

from harness.llm.errors import is_overflow
from harness.llm.text import encodable
from harness.llm.types import JSON, Reply
from harness.meter.agent_connection import JSON_HEADERS, AgentConnection, Headers
from harness.meter.answers import Scrubber, overflow_text

KEEP_ALIVE = 10.0
"""Seconds without an event after which one is sent that only keeps the connection open."""

_EVENT_HEADERS: Headers = ((b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache"))


class WireError(Exception):
    """A request that cannot be translated; the text is one line for the agent."""


class TranslatedAnswer(ABC):
    """Builds an answer in the form of another wire from the reply to a chat completion.

    Texts are sent as they arrive; calls once they are whole, since servers cut them in many ways.
    """

    def __init__(self, agent: AgentConnection, key: str, fields: JSON) -> None:
        """`fields` are the request of the agent, and `key` the user's own, which is removed wherever it appears."""
        self.agent = agent
        self.fields = fields
        self.streamed = bool(fields.get("stream"))
        self._clean = Scrubber(key)
        self._pending: list[bytes] = []
        self._sent_at = time.monotonic()

    @property
    def begun(self) -> bool:
        return self.agent.started

    def on_delta(self, kind: str, text: str) -> None:
        """Take a piece of the reply's `reasoning` or `content`."""
        if self.streamed and text:
            self._pending += self.delta(kind, text)

    def refuse(self, status: int, headers: Headers, body: bytes) -> None:
        passed = [(name, value) for name, value in headers if name.lower() == b"retry-after"]
        text = error_message(body)
        too_long = is_overflow(body.decode(errors="replace"))
        self._answer(status, self.too_long(text) if too_long else self.error(status, text), passed)

    def fail(self, status: int, text: str) -> None:
        self._answer(status, self.error(status, text))

    def overflow(self, text: str, limit: int) -> None:
        self._answer(400, self.too_long(overflow_text(text, limit)))

    def whole(self, response: httpx.Response, body: bytes, reply: Reply | None) -> None:
        if reply is None:
            self.fail(502, error_message(body))
            return
        self.begin(response)
        for kind, text in (("reasoning", reply.reasoning), ("content", reply.content)):
            self.on_delta(kind, text)
        self.finish(reply)

    def begin(self, response: httpx.Response) -> None:  # noqa: ARG002
        if self.streamed:
            self.agent.start(200, _EVENT_HEADERS)
            self._pending += self.opening()
            self._flush()

    def part(self, chunk: bytes) -> None:  # noqa: ARG002 - what it holds has come as deltas
        if self.streamed and not self._pending and time.monotonic() - self._sent_at > KEEP_ALIVE:
            self._pending += self.keep_alive()
        self._flush()

    def finish(self, reply: Reply | None) -> None:
        if self.streamed:
            self._pending += self.closing(reply)
            self._flush()
            self.agent.finish()
        elif reply is None:
            self.fail(502, "the reply of the server could not be read")
        else:
            self._answer(200, self.body(reply))

    def _flush(self) -> None:
        if self._pending:
            data, self._pending, self._sent_at = b"".join(self._pending), [], time.monotonic()
            self.agent.send(self._clean.all(data))

    def _answer(self, status: int, payload: JSON, headers: Headers = ()) -> None:
        self.agent.answer(status, self._clean.all(encoded_text(payload)), [*JSON_HEADERS, *headers])

    @abstractmethod
    def too_long(self, text: str) -> JSON:
        """Return the body of the error of a prompt that exceeds the window."""

    @abstractmethod
    def error(self, status: int, text: str) -> JSON:
        """Return the body of an error."""

    @abstractmethod
    def body(self, reply: Reply) -> JSON:
        """Return the body of a reply that is not streamed."""

    @abstractmethod
    def opening(self) -> Iterator[bytes]:
        """Yield the events at the beginning of a stream."""

    @abstractmethod
    def delta(self, kind: str, text: str) -> Iterator[bytes]:
        """Yield the events of a piece of text."""

    @abstractmethod
    def closing(self, reply: Reply | None) -> Iterator[bytes]:
        """Yield the events at the end of a stream; None is a reply that could not be read."""

    @abstractmethod
    def keep_alive(self) -> Iterator[bytes]:
        """Yield an event that says nothing."""


class ChatHistory:
    """Builds the messages of a chat completion so that strict chat templates accept them.

    There is one system message, which is the first, and no two messages of the user in a row.
    """

    def __init__(self) -> None:
        self.messages: list[JSON] = []

    def system(self, text: str) -> None:
        """Add a system text: to the system message at the beginning, else as a message of the user."""
        if not text:
            return
        if not self.messages:
            self.messages.append({"role": "system", "content": text})
        elif len(self.messages) == 1 and self.messages[0]["role"] == "system":
            self.messages[0]["content"] += f"\n\n{text}"
        else:
            self.user(text)

    def user(self, content: str | list[JSON]) -> None:
        """Add what the user says: text, or parts of which some are images."""
        if not content:
            return
        last = self.messages[-1] if self.messages else {}
        if last.get("role") != "user":
            self.messages.append({"role": "user", "content": content})
        elif isinstance(last["content"], str) and isinstance(content, str):
            last["content"] += f"\n\n{content}"
        else:
            last["content"] = [*_parts(last["content"]), *_parts(content)]

    def assistant(self, text: str) -> None:
        """Add what the model said."""
        if not text:
            return
        last = self._assistant()
        last["content"] = f"{last['content']}\n\n{text}" if last["content"] else text

    def call(self, identity: str, name: str, arguments: str) -> None:
        """Add a call of the model to its turn."""
        function = {"name": name, "arguments": arguments}
        self._assistant().setdefault("tool_calls", []).append(
            {"id": identity, "type": "function", "function": function}
        )

    def result(self, identity: str, text: str) -> None:
        """Add the result of a call."""
        self.messages.append({"role": "tool", "tool_call_id": identity, "content": text})

    def _assistant(self) -> JSON:
        if not self.messages or self.messages[-1]["role"] != "assistant":
            self.messages.append({"role": "assistant", "content": ""})
        return self.messages[-1]


def _parts(content: str | list[JSON]) -> list[JSON]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def objects(value: Any) -> list[JSON]:
    """Return the objects of a list; empty for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_field(value: JSON, name: str) -> str:
    """Return a field that is text; empty where it is not."""
    field = value.get(name)
    return field if isinstance(field, str) else ""


def error_message(body: bytes) -> str:
    """Return the message of a server's error, in whatever form it came."""
    text = body.decode(errors="replace")
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return text
    error = payload.get("error", payload) if isinstance(payload, dict) else payload
    message = error.get("message") or error.get("detail") if isinstance(error, dict) else error
    return message if isinstance(message, str) else text


def encoded_text(payload: object) -> bytes:
    """Return JSON in UTF-8, half characters replaced."""
    return encodable(json.dumps(payload, ensure_ascii=False)).encode()


def new_id(prefix: str) -> str:
    """Return an id as the servers of the wire give them."""
    return f"{prefix}_{uuid4().hex}"
