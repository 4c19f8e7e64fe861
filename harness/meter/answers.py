"""The answer to a call of an agent, in the form of the wire that the agent speaks."""

import json
from typing import Protocol

import httpx

from harness.llm.types import JSON, OnDelta, Reply
from harness.meter.agent_connection import AgentConnection, Headers, error_body

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding "
    b"upgrade".split()
)
_NOT_PASSED = HOP_BY_HOP | {b"content-length", b"content-encoding", b"set-cookie"}

OVERFLOW = "context_length_exceeded"
"""Code of the error by which servers refuse a prompt that exceeds their window."""


class Answer(Protocol):
    """Takes the server's answer to a chat completion, and passes it to the agent."""

    @property
    def begun(self) -> bool:
        """Return True once something was sent, so that no error can be answered instead."""
        ...

    def refuse(self, status: int, headers: Headers, body: bytes) -> None:
        """Pass an error of the server on."""
        ...

    def fail(self, status: int, text: str) -> None:
        """Answer with an error of the meter's own, such as a server that cannot be reached."""
        ...

    def overflow(self, text: str, limit: int) -> None:
        """Answer as a server does whose window the prompt exceeds."""
        ...

    @property
    def on_delta(self) -> OnDelta | None:
        """Return what takes the pieces of a stream as text; None where only its bytes count."""
        ...

    def whole(self, response: httpx.Response, body: bytes, reply: Reply | None) -> None:
        """Pass on an answer in one body; `reply` is None if it holds none."""
        ...

    def begin(self, response: httpx.Response) -> None:
        """Begin a stream."""
        ...

    def part(self, chunk: bytes) -> None:
        """Pass on bytes of a stream."""
        ...

    def finish(self, reply: Reply | None) -> None:
        """End a stream; `reply` is None if it held none that is whole."""
        ...


class ChatAnswer:
    """Passes a chat completion on as the server sends it, without what the agent did not request."""

    def __init__(self, agent: AgentConnection, key: str, fields: JSON) -> None:
        """`key` is the user's key, removed wherever a server echoes it; `fields` are the request of the agent."""
        self._agent = agent
        self._clean = Scrubber(key)
        options = fields.get("stream_options")
        with_usage = isinstance(options, dict) and bool(options.get("include_usage"))
        self._usage = None if with_usage else UsageFilter()
        self.on_delta: OnDelta | None = None

    @property
    def begun(self) -> bool:
        return self._agent.started

    def refuse(self, status: int, headers: Headers, body: bytes) -> None:
        self._agent.answer(status, self._clean.all(body), passed(headers, self._clean))

    def fail(self, status: int, text: str) -> None:
        self._agent.answer(status, error_body(text, "server_error"))

    def overflow(self, text: str, limit: int) -> None:
        self._agent.answer(400, error_body(overflow_text(text, limit), code=OVERFLOW))

    def whole(self, response: httpx.Response, body: bytes, reply: Reply | None) -> None:  # noqa: ARG002
        self._agent.answer(response.status_code, self._clean.all(body), passed(response.headers.raw, self._clean))

    def begin(self, response: httpx.Response) -> None:
        self._agent.start(response.status_code, passed(response.headers.raw, self._clean))

    def part(self, chunk: bytes) -> None:
        self._agent.send(self._clean.part(chunk if self._usage is None else self._usage.part(chunk)))

    def finish(self, reply: Reply | None) -> None:  # noqa: ARG002
        self._agent.send(self._clean.rest(self._usage.rest() if self._usage else b""))
        self._agent.finish()


def overflow_text(text: str, limit: int) -> str:
    """Return the message by which OpenAI's servers refuse too long a prompt, and after it what is known of this one."""
    return (
        f"This model's maximum context length is {limit} tokens. Please reduce the length of the messages or "
        f"completion. ({text})"
    )


def passed(headers: Headers, clean: "Scrubber") -> Headers:
    """Return the headers of the server that are passed on to the agent."""
    return [(name.lower(), clean.all(value)) for name, value in headers if name.lower() not in _NOT_PASSED]


class Scrubber:
    """Removes the user's key from what a server sends back, also where it is cut in two."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._held = b""

    def all(self, data: bytes) -> bytes:
        """Return whole data without the key."""
        return data.replace(self._key, b"...") if self._key else data

    def part(self, chunk: bytes) -> bytes:
        """Return a part of a stream without the key; a possible start of it is held back."""
        if not self._key:
            return chunk
        data = self.all(self._held + chunk)
        sizes = range(min(len(self._key) - 1, len(data)), 0, -1)
        doubtful = next((size for size in sizes if self._key.startswith(data[-size:])), 0)
        self._held = data[len(data) - doubtful :]
        return data[: len(data) - doubtful]

    def rest(self, chunk: bytes) -> bytes:
        """Return the end of a stream."""
        data, self._held = self._held + chunk, b""
        return self.all(data)


class UsageFilter:
    """Removes the chunk without choices that holds the usage, which some agents cannot read if they did not request it.

    Whole lines are passed on, as far as they have come.
    """

    def __init__(self) -> None:
        self._held = b""
        self._skips_blank = False

    def part(self, chunk: bytes) -> bytes:
        """Return the lines that are complete, without those removed."""
        lines = (self._held + chunk).splitlines(keepends=True)
        self._held = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        return b"".join(line for line in lines if self._kept(line))

    def rest(self) -> bytes:
        """Return what is left at the end of the stream."""
        held, self._held = self._held, b""
        return held if self._kept(held) else b""

    def _kept(self, line: bytes) -> bool:
        if self._skips_blank and not line.strip():
            self._skips_blank = False
            return False
        self._skips_blank = False
        if line.startswith(b"data:") and b'"usage"' in line and _is_usage_alone(line[5:]):
            self._skips_blank = True
            return False
        return True


def _is_usage_alone(text: bytes) -> bool:
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(payload, dict) and not payload.get("choices") and bool(payload.get("usage"))
