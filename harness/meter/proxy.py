"""The metering proxy: an HTTP server between a command agent and the model's server, for one pass."""

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from harness.llm.connection import named
from harness.llm.limits import MAX_LISTING, CallLimits
from harness.llm.text import one_line
from harness.llm.types import JSON
from harness.meter.agent_connection import AgentConnection, AgentGone, AgentRequest, Headers, RequestRoom, error_body
from harness.meter.answers import HOP_BY_HOP, Answer, ChatAnswer, Scrubber, passed
from harness.meter.exchange import ChatCall, MeteredPass
from harness.meter.pass_meter import PassMeter
from harness.meter.upstream import Upstream
from harness.meter.wires import messages, responses
from harness.meter.wires.translation import WireError
from harness.outcome import PassReason

AGENT_KEY = "metered"
"""The key that agents are given: the proxy takes any, and puts the user's own in its place."""

MOST_CONNECTIONS = 256
"""Connections at once; more wait in the queue of the system."""

MOST_TURNED_AWAY = 100
"""Requests of a pass for something else than the model that are written to the transcript."""

PAUSE = 0.05
"""Seconds to wait after a connection that could not be accepted."""

LOOPBACK = frozenset({"", "127.0.0.1", "localhost", "::1"})
"""Hosts that an agent may address: the proxy is on loopback, or behind a relay that is."""

MODELS = re.compile(r"/models(/([\w.:/@+-]|%2[Ff])+)?", re.ASCII)
"""Path of the list of models, and of an entry of it."""

_NOT_SENT_ON = HOP_BY_HOP | frozenset(
    b"host content-length content-type content-encoding accept-encoding authorization x-api-key api-key cookie "
    b"expect".split()
)


@dataclass(frozen=True)
class AgentWire:
    """A protocol that agents speak: its request as a chat completion, and its answer."""

    request: Callable[[JSON], JSON]
    """Returns the chat completion for the body of a request. Raises WireError for one that cannot be translated."""
    answer: Callable[[AgentConnection, str, JSON], Answer]
    """Makes the answer, from the connection, the user's key and the body of the request."""


WIRES = {
    "/chat/completions": AgentWire(lambda fields: fields, ChatAnswer),
    "/responses": AgentWire(responses.chat_request, responses.ResponsesAnswer),
    "/messages": AgentWire(messages.chat_request, messages.MessagesAnswer),
}
"""The wires that are served, by path."""


class MeterProxy:
    """Serves the model to the agent of one pass while a `with` block lasts; each call goes through the meter."""

    def __init__(self, upstream: Upstream, meter: PassMeter, *, socket_path: Path | None = None) -> None:
        """It listens on a free loopback port, or on a Unix socket at `socket_path`, for a relay into a sandbox."""
        self._upstream = upstream
        self._meter = meter
        self._pass = MeteredPass(upstream, meter)
        self._listener = _listener(socket_path)
        self._path = socket_path
        self._room = RequestRoom()
        self._slots = threading.Semaphore(MOST_CONNECTIONS)
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, AgentConnection] = {}
        self._closing = False
        self._turned_away = 0
        self._broken: Exception | None = None
        self._acceptor = threading.Thread(target=self._accept, name="meter", daemon=True)

    @property
    def port(self) -> int | None:
        """Return the loopback port; None on a Unix socket."""
        return None if self._path else int(self._listener.getsockname()[1])

    @property
    def endpoint(self) -> str:
        """Return the base URL for the agent; empty on a Unix socket, where the relay has its own."""
        return "" if self._path else f"http://127.0.0.1:{self.port}/v1"

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every call that is under way; after that nothing is counted or written any more.

        Raises the error that ended a call on this side, such as a full disk: a fault of this machine.
        """
        self._closing = True
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        with self._lock:
            left = dict(self._open)
        for connection in left.values():
            connection.break_off()
        for thread in left:
            thread.join()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._meter.settle()
        if self._broken is not None and value is None:
            raise self._broken

    def _accept(self) -> None:
        while not self._closing:
            self._slots.acquire()
            try:
                sock, _ = self._listener.accept()
            except OSError:
                self._slots.release()
                if self._closing:
                    return
                time.sleep(PAUSE)  # no file descriptor is left
                continue
            connection = AgentConnection(sock, self._room)
            thread = threading.Thread(target=self._serve, args=(connection,), name="meter", daemon=True)
            with self._lock:
                self._open[thread] = connection
            try:
                thread.start()
            except RuntimeError:  # no thread is left
                self._open.pop(thread)
                connection.close()
                self._slots.release()

    def _serve(self, connection: AgentConnection) -> None:
        try:
            for request in connection.requests():
                try:
                    self._answer(connection, request)
                except RecursionError:
                    connection.answer(400, error_body("the body is nested too deeply"))
        except AgentGone:
            pass
        except Exception as error:
            self._broken = self._broken or error
            self._meter.end(PassReason.ERROR)
        finally:
            connection.close()
            with self._lock:
                self._open.pop(threading.current_thread(), None)
            self._slots.release()

    def _answer(self, connection: AgentConnection, request: AgentRequest) -> None:
        try:
            target = urlsplit(request.target)
            host = target.netloc or urlsplit(f"//{request.header(b'host')}").hostname or ""
        except ValueError:
            self._turn_away(connection, request, 400, "the address cannot be read")
            return
        path = target.path.removeprefix("/v1")
        if host not in LOOPBACK:
            self._turn_away(connection, request, 403, f"{host} is not served here, only the model's endpoint is")
        elif request.method == "POST" and path in WIRES:
            self._complete(connection, request, WIRES[path])
        elif request.method == "GET" and MODELS.fullmatch(path) and ".." not in path:
            self._list_models(connection, path)
        else:
            self._turn_away(connection, request, 404, f"{request.method} {target.path} is not served here")

    def _turn_away(self, connection: AgentConnection, request: AgentRequest, status: int, text: str) -> None:
        with self._lock:
            self._turned_away += 1
            noted = self._turned_away <= MOST_TURNED_AWAY
        if noted:
            line = one_line(f"{request.method} {request.header(b'host')} {request.target}")
            self._meter.transcript.write("turned_away", request=line, status=status)
        connection.answer(status, error_body(text))

    def _complete(self, connection: AgentConnection, request: AgentRequest, wire: AgentWire) -> None:
        try:
            fields = json.loads(request.body)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            connection.answer(400, error_body("the body must be a JSON object"))
            return
        answer = wire.answer(connection, self._upstream.key, fields)
        try:
            chat = wire.request(fields)
        except WireError as error:
            answer.fail(400, str(error))
            return
        with self._meter.under_way(), self._upstream.link() as link:
            link.transport.watch(connection.socket)
            ChatCall(self._pass, chat, sent_on(request)).run(link, answer)

    def _list_models(self, connection: AgentConnection, path: str) -> None:
        upstream = self._upstream
        with upstream.link() as link:
            link.transport.watch(connection.socket)
            link.transport.limit(CallLimits(upstream.model, upstream.deadline, streamed=False))
            try:
                answer = link.http.get(upstream.endpoint + path)
            except httpx.HTTPError as error:
                connection.answer(502, error_body(named(error), "server_error"))
                return
        clean = Scrubber(upstream.key)
        connection.answer(
            answer.status_code, clean.all(answer.content[:MAX_LISTING]), passed(answer.headers.raw, clean)
        )


def sent_on(request: AgentRequest) -> Headers:
    """Return the headers of an agent that are sent on to the server: all but its key and those of the connection."""
    return [(name, value) for name, value in request.headers if name not in _NOT_SENT_ON]


def _listener(path: Path | None) -> socket.socket:
    if path is None:
        # With the protocol left open, Nagle's delay cannot be switched off: 40 ms a reply.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
    else:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
    listener.listen(128)
    return listener
