"""One connection of an agent: HTTP/1.1 read and written with h11, bounded in size."""

import json
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import h11

MAX_REQUEST = 16 << 20
"""Bytes of the longest request that is read, many times what fills a context."""

MAX_REQUESTS = 32 << 20
"""Bytes of all requests that are read at once. JSON in memory takes up to 25 times that."""

BLOCK = 64 << 10
"""Bytes read from a connection at once."""

SEND_TIMEOUT = 120
"""Seconds that an agent may leave an answer unread; then it counts as gone."""

Headers = Sequence[tuple[bytes, bytes]]

JSON_HEADERS: Headers = ((b"content-type", b"application/json"),)


class AgentGone(Exception):  # noqa: N818 (callers read it as what happened)
    """The agent closed the connection before it had the whole answer."""


@dataclass(frozen=True)
class AgentRequest:
    """A request as it came; the names of its headers are in lower case."""

    method: str
    target: str
    headers: Headers
    body: bytes

    def header(self, name: bytes) -> str:
        """Return the value of a header; empty if it was not sent."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), "")


class _TurnedAway(Exception):  # noqa: N818
    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class RequestRoom:
    """Counts the bytes of the requests that are under way on all connections."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used = 0

    def take(self, size: int) -> bool:
        """Take room for bytes; returns False if there is none."""
        with self._lock:
            fits = self._used + size <= MAX_REQUESTS
            self._used += size if fits else 0
            return fits

    def give_back(self, size: int) -> None:
        """Return the room of a request that has ended."""
        with self._lock:
            self._used -= size


class AgentConnection:
    """Reads the requests of a connection, and writes an answer to each, whole or in parts."""

    def __init__(self, sock: socket.socket, room: RequestRoom) -> None:
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT, 0))
        self.socket = sock
        self._room = room
        self._size = 0
        self._bodiless = False
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=BLOCK)

    def requests(self) -> Iterator[AgentRequest]:
        """Yield each request until either side closes. Raises AgentGone if the agent closes in the middle of one."""
        while True:
            self._leave_room()
            try:
                request = self._request()
            except h11.RemoteProtocolError as error:
                return self._turn_away(error.error_status_hint, f"no HTTP request: {error}")
            except _TurnedAway as error:
                return self._turn_away(error.status, str(error))
            if request is None:
                return None
            yield request
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                return None
            self._http.start_next_cycle()

    @property
    def started(self) -> bool:
        """Return True if an answer has begun, so that no other can be given."""
        return self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE)

    def start(self, status: int, headers: Headers) -> None:
        """Begin an answer. Without a length among the headers, it is sent in chunks."""
        self._send(h11.Response(status_code=status, headers=list(headers)))

    def send(self, data: bytes) -> None:
        """Send a part of the answer. Raises AgentGone."""
        if data:
            self._send(h11.Data(data=data))

    def finish(self) -> None:
        """End the answer."""
        self._send(h11.EndOfMessage())

    def answer(self, status: int, body: bytes, headers: Headers = JSON_HEADERS) -> None:
        """Send a whole answer."""
        head = h11.Response(status_code=status, headers=[*headers, (b"content-length", b"%d" % len(body))])
        parts = [] if self._bodiless else [h11.Data(data=body)]
        self._send(head, *parts, h11.EndOfMessage())

    def break_off(self) -> None:
        """End the connection from another thread, whatever is under way."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection. An answer that is under way ends too early, which the agent sees."""
        self.break_off()
        self.socket.close()
        self._leave_room()

    def _leave_room(self) -> None:
        self._room.give_back(self._size)
        self._size = 0

    def _request(self) -> AgentRequest | None:
        head: h11.Request | None = None
        parts: list[bytes] = []
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._read()
            elif isinstance(event, h11.Request):
                head = event
                self._bodiless = event.method == b"HEAD"
            elif isinstance(event, h11.Data):
                parts.append(bytes(event.data))
                if self._size + len(event.data) > MAX_REQUEST:
                    raise _TurnedAway(413, f"the request exceeds {MAX_REQUEST} bytes")
                if not self._room.take(len(event.data)):
                    raise _TurnedAway(503, f"the requests under way exceed {MAX_REQUESTS} bytes")
                self._size += len(event.data)
            elif isinstance(event, h11.EndOfMessage) and head is not None:
                target, method = head.target.decode("latin-1"), head.method.decode("latin-1")
                return AgentRequest(method, target, list(head.headers), b"".join(parts))
            else:  # the connection was closed
                return None

    def _read(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            self._send(h11.InformationalResponse(status_code=100, headers=[]))
        try:
            self._http.receive_data(self.socket.recv(BLOCK))
        except OSError as error:
            raise AgentGone from error

    def _turn_away(self, status: int, text: str) -> None:
        if not self.started:
            self.answer(status, error_body(text), [*JSON_HEADERS, (b"connection", b"close")])

    def _send(self, *events: h11.Event) -> None:
        try:
            self.socket.sendall(b"".join(self._http.send(event) or b"" for event in events))
        except (OSError, h11.LocalProtocolError) as error:  # the latter: an answer that its request does not allow
            raise AgentGone from error


def error_body(text: str, kind: str = "invalid_request_error", code: str | None = None) -> bytes:
    """Return an error in the form of OpenAI's interface."""
    return json.dumps({"error": {"message": text, "type": kind, "param": None, "code": code}}).encode()
