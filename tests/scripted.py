"""A scripted server: real HTTP over a real socket, every byte, pause and cut as the test says."""

import json
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from dialects import Say, render
from serving import Serving

JSON_TYPE = {"Content-Type": "application/json"}
SSE_TYPE = {"Content-Type": "text/event-stream"}


@dataclass(frozen=True)
class Raw:
    """An answer byte by byte: what is written, with pauses in seconds between, and what then happens to the line."""

    parts: tuple[bytes | float, ...] = ()
    then: str = "close"
    """`close`, `keep` (wait for the next request) or `reset` (cut the connection without a farewell)."""


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answer(
    body: object = b"",
    *,
    status: int = 200,
    headers: Mapping[str, str] = JSON_TYPE,
    length: int | None = None,
    then: str = "keep",
) -> Raw:
    """A whole body: bytes as they are, anything else as JSON. A `length` that is too long makes it a cut one."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in headers.items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(data) if length is None else length}", "", ""])
    return Raw((head.encode() + data,), then)


def stream(*parts: bytes | float, headers: Mapping[str, str] = SSE_TYPE, then: str = "close") -> Raw:
    """A stream over HTTP/1.0, without length or chunks: it ends when the connection does."""
    head = "\r\n".join(["HTTP/1.0 200 OK", *(f"{name}: {value}" for name, value in headers.items()), "", ""])
    return Raw((head.encode(), *parts), then)


def frame(payload: object) -> bytes:
    """One event of a stream."""
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def delta(finish: str | None = None, **fields: object) -> bytes:
    """The event of one delta."""
    return frame({"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]})


DONE = b"data: [DONE]\n\n"

Refuse = Callable[[Any], Raw | None]
"""The refusal of a chat request, by its body; None where it is accepted."""


@dataclass
class _Script:
    replies: list[Raw | Say]
    models: Raw
    places: Mapping[str, object]
    refuse: Refuse
    requests: list[Received] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    open: set[socket.socket] = field(default_factory=set)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def reply_to(self, request: Received) -> Raw:
        with self.lock:
            self.requests.append(request)
            if request.method == "GET":
                return answer(self.places[request.path]) if request.path in self.places else self.models
            refusal = self.refuse(request.json)
            if refusal is not None:
                return refusal
            if not self.replies:
                return answer({"error": {"message": "the script is over"}}, status=400)
            reply = self.replies.pop(0)
        return reply if isinstance(reply, Raw) else Raw(*render(reply, streamed=bool(request.json.get("stream"))))


class ScriptedServer(Serving):
    """Answers each POST with the next reply of its script, and each GET by its path, or with its list of models.

    A `Say` is rendered as the request asks for it, streamed or not, in the dialect that it names; a `Raw` is
    written as it stands. A request that it refuses costs no reply.
    """

    def __init__(
        self,
        replies: Iterable[Raw | Say] = (),
        *,
        models: object = None,
        places: Mapping[str, object] | None = None,
        refuse: Refuse = lambda _: None,
    ) -> None:
        listing = models if isinstance(models, Raw) else answer(models, status=404 if models is None else 200)
        self._script = _Script(list(replies), listing, places or {}, refuse)
        server = _Server(("127.0.0.1", 0), _Handler)
        server.script = self._script
        super().__init__(server)

    @property
    def requests(self) -> list[Received]:
        """All requests, in the order in which they came."""
        return list(self._script.requests)

    @property
    def asked(self) -> list[Any]:
        """The bodies of the chat completions asked for, as JSON."""
        return [request.json for request in self.requests if request.method == "POST"]

    @property
    def connections(self) -> int:
        """How many connections were opened."""
        return self._script.connections

    def add(self, *replies: Raw | Say) -> None:
        with self._script.lock:
            self._script.replies.extend(replies)

    def clear(self) -> None:
        """Forget the replies that nobody has asked for."""
        with self._script.lock:
            self._script.replies.clear()

    def let_go(self) -> None:
        self._script.over.set()
        with self._script.lock:
            for connection in self._script.open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    block_on_close = True
    allow_reuse_address = True
    request_queue_size = 128
    script: _Script


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        script = self.server.script
        with script.lock:
            script.connections += 1
            script.open.add(self.connection)
        with suppress(OSError):  # the client may leave whenever it likes
            while (request := self._request()) is not None and self._write(script.reply_to(request)):
                pass
        with script.lock:
            script.open.discard(self.connection)

    def _request(self) -> Received | None:
        first = self.rfile.readline().decode().split()
        if len(first) < 2:
            return None
        headers = {}
        while line := self.rfile.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", 0)))
        return Received(first[0], first[1], headers, body)

    def _write(self, reply: Raw) -> bool:
        """Write the answer; returns whether the connection is kept."""
        for part in reply.parts:
            if isinstance(part, bytes):
                self.connection.sendall(part)
            else:
                self.server.script.over.wait(part)
        if reply.then == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        return reply.then == "keep"
