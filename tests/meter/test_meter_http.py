"""HTTP between agent and meter: what is served, to whom, and within which bounds."""

import json
import socket
import threading
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from metered import MESSAGES, Metered, metered, until

from harness.meter.agent_connection import MAX_REQUEST
from harness.outcome import PassReason

from dialects import Say
from scripted import ScriptedServer, answer

BODY = json.dumps({"messages": MESSAGES}).encode()


def sent(one: Metered, data: bytes) -> bytes:
    """What the proxy answers to bytes, until it closes or falls silent."""
    with socket.create_connection(("127.0.0.1", one.proxy.port or 0), timeout=5) as line:
        line.sendall(data)
        got = b""
        try:
            while part := line.recv(65536):
                got += part
                if b"\r\n\r\n" in got and b"connection: close" not in got.lower() and got.rstrip().endswith(b"}"):
                    break
        except TimeoutError:
            pass
    return got


OTHER_PATHS = [
    ("GET", "/embeddings"),
    ("POST", "/completions"),
    ("GET", "/../../etc/passwd"),
    ("DELETE", "/models/x"),
    ("GET", "/models/%2e%2e/slots"),
]


@pytest.mark.parametrize(("method", "path"), OTHER_PATHS)
def test_other_paths_are_turned_away_and_noted(tmp_path: Path, method: str, path: str) -> None:
    """Only the model is served; the server never hears of anything else."""
    with ScriptedServer() as server, metered(tmp_path, server.endpoint) as one:
        assert 404 == one.http.request(method, path).status_code
    assert [] == server.requests
    assert [404] == [event["status"] for event in one.events_of("turned_away")]


@pytest.mark.parametrize("request_line", [b"GET http://example.com/ HTTP/1.1", b"CONNECT example.com:443 HTTP/1.1"])
def test_other_hosts_are_turned_away(tmp_path: Path, request_line: bytes) -> None:
    """The proxy forwards to nobody but the model's server."""
    with ScriptedServer() as server, metered(tmp_path, server.endpoint) as one:
        got = sent(one, request_line + b"\r\nHost: example.com\r\n\r\n")
    assert got.startswith((b"HTTP/1.1 403", b"HTTP/1.1 404"))
    assert [] == server.requests


def test_a_page_of_a_browser_cannot_reach_it_by_another_name(tmp_path: Path) -> None:
    """A name that only resolves to loopback is another host."""
    with ScriptedServer() as server, metered(tmp_path, server.endpoint) as one:
        assert 403 == one.http.get("/models", headers={"Host": "evil.example"}).status_code


def test_the_list_of_models_is_the_server_s(tmp_path: Path) -> None:
    """It is passed on, and is no call of the model."""
    listing = {"object": "list", "data": [{"id": "the-model"}]}
    with ScriptedServer(models=listing) as server, metered(tmp_path, server.endpoint) as one:
        assert listing == one.http.get("/models").json()
        assert listing == httpx.get(f"{one.proxy.endpoint.removesuffix('/v1')}/models").json()
    assert 0 == one.meter.result.steps


@pytest.mark.parametrize(
    "data",
    [
        b"HEAD /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"HEAD /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET /v1/models HTTP/1.0\r\n\r\n",
        b"GET // HTTP/1.1\r\nHost: [::1\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_an_odd_request_is_answered_and_breaks_nothing(tmp_path: Path, data: bytes) -> None:
    """It is no call, and no fault of this machine."""
    with ScriptedServer([Say("Hello")]) as server, metered(tmp_path, server.endpoint) as one:
        assert sent(one, data).startswith(b"HTTP/1.1 ")
        assert 200 == one.chat().status_code
    assert [] == one.ended


def test_headers_of_any_bytes_reach_the_server(tmp_path: Path) -> None:
    """Some agents send paths and titles in headers."""
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Title: \xc3\xa4\xff\r\nContent-Length: %d\r\n\r\n"
    )
    with ScriptedServer([Say("Hello")]) as server, metered(tmp_path, server.endpoint) as one:
        assert b"Hello" in sent(one, head % len(BODY) + BODY)
    assert [] == one.ended


def test_a_request_in_chunks_is_read(tmp_path: Path) -> None:
    """Some clients send chunks, and some wait to be told to go on."""
    chunked = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    chunked += b"Expect: 100-continue\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    with ScriptedServer([Say("Hello")]) as server, metered(tmp_path, server.endpoint) as one:
        got = sent(one, chunked)
    assert b"Hello" in got
    assert MESSAGES == server.asked[0]["messages"]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"hello there\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 200_000 + b"\r\n\r\n", 431),
        (b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: -4\r\n\r\n", 400),
        (b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{]}", 400),
        (b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n[]", 400),
    ],
)
def test_what_is_no_request_is_refused(tmp_path: Path, data: bytes, status: int) -> None:
    """One answer, no call, and the next connection is served."""
    with ScriptedServer([Say("Hello")]) as server, metered(tmp_path, server.endpoint) as one:
        assert sent(one, data).startswith(b"HTTP/1.1 %d" % status)
        assert 200 == one.chat().status_code
    assert 1 == one.meter.result.steps


def test_a_body_without_end_is_cut_off(tmp_path: Path) -> None:
    """More than MAX_REQUEST bytes are not read."""
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with ScriptedServer() as server, metered(tmp_path, server.endpoint) as one:
        with socket.create_connection(("127.0.0.1", one.proxy.port or 0), timeout=20) as line:
            line.sendall(head)
            with pytest.raises(OSError):
                for _ in range(MAX_REQUEST // 65536 + 200):
                    line.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        assert PassReason.MODEL_STOP == one.meter.exited().reason
    assert [] == server.requests


def test_many_large_requests_at_once_are_bounded_together(tmp_path: Path) -> None:
    """What several connections hold together is bounded, and the room is there again when they are gone."""
    half = b"POST /v1/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % MAX_REQUEST
    with ScriptedServer([Say("Hello")]) as server, metered(tmp_path, server.endpoint) as one:
        lines = [socket.create_connection(("127.0.0.1", one.proxy.port or 0), timeout=20) for _ in range(3)]
        answers = []
        for line in lines:
            with suppress(OSError):
                line.sendall(half + b"x" * (MAX_REQUEST - 1))
        for line in lines:
            line.settimeout(1)
            with suppress(OSError):
                answers.append(line.recv(100)[:12])
        assert b"HTTP/1.1 503" in answers
        for line in lines:
            line.close()
        until(lambda: one.chat().is_success)


@pytest.mark.parametrize(
    "fields", [{"messages": 5}, {"messages": [{"role": "user", "tool_calls": 7}, 3]}, {"tools": {}}]
)
def test_a_request_of_any_shape_reaches_the_server(tmp_path: Path, fields: dict[str, object]) -> None:
    """The server says what is wrong with it, and nothing breaks here."""
    wrong = answer({"error": {"message": "messages must be a list"}}, status=400)
    with ScriptedServer([wrong]) as server, metered(tmp_path, server.endpoint) as one:
        reply = one.http.post("/chat/completions", json=fields)
    assert (400, "messages must be a list") == (reply.status_code, reply.json()["error"]["message"])


def test_a_unix_socket_serves_the_same(tmp_path: Path) -> None:
    """A relay into a sandbox without a network connects there; the socket is gone with the pass."""
    place = tmp_path / "meter.sock"
    with ScriptedServer([Say("Hello")]) as server, metered(tmp_path, server.endpoint, socket_path=place) as one:
        assert "Hello" in one.chat(stream=True).text
        assert (None, "") == (one.proxy.port, one.proxy.endpoint)
    assert not place.exists()


def test_idle_connections_cost_no_call(tmp_path: Path) -> None:
    """Many open connections that say nothing keep nobody from being served, and end with the pass."""
    with ScriptedServer([Say("Hello")]) as server, metered(tmp_path, server.endpoint) as one:
        lines = [socket.create_connection(("127.0.0.1", one.proxy.port or 0)) for _ in range(100)]
        assert 200 == one.chat().status_code
    assert all(line.recv(1) == b"" for line in lines)
    for line in lines:
        line.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "meter"]
