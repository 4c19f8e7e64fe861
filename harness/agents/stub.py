"""A stub of a model's server: it measures the requests of an agent, and answers each with one sentence."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from harness.llm.types import Reply
from harness.llm.usage import estimated

WORD = "There is nothing left to do."
LONGEST = 32 << 20
"""Bytes of the longest request that is read."""


class StubServer(ThreadingHTTPServer):
    """Serves chat completions on a free loopback port."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._sizes: list[int] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def first_request(self) -> int | None:
        """Return the tokens of the largest request that was made before a reply, by the meter's estimate; None if there
        was none."""
        return max(self._sizes, default=None)

    def measure(self, body: dict[str, Any]) -> None:
        """Note the size of a request that begins a conversation."""
        messages, tools = body.get("messages") or [], body.get("tools") or []
        # Some agents begin with an invented exchange, so an assistant's message alone is no reply.
        if WORD not in json.dumps(messages):
            self._sizes.append(estimated(messages, tools, Reply()).prompt_tokens)


@contextmanager
def stub_server() -> Iterator[StubServer]:
    """Serve while a `with` block lasts."""
    with StubServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: StubServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._send({"object": "list", "data": [{"id": "stub", "object": "model", "owned_by": "harness"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(min(int(self.headers.get("content-length", 0)), LONGEST)))
        self.server.measure(body)
        message = {"role": "assistant", "content": WORD}
        base: dict[str, Any] = {"id": "stub", "created": 0, "model": str(body.get("model"))}
        if not body.get("stream"):
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self._send(base | {"object": "chat.completion", "choices": [choice]})
            return
        chunks: list[tuple[dict[str, Any], str | None]] = [({"delta": message}, None), ({"delta": {}}, "stop")]
        lines = [
            base | {"object": "chat.completion.chunk", "choices": [{"index": 0, "finish_reason": end} | part]}
            for part, end in chunks
        ]
        events = [f"data: {json.dumps(line)}\n\n".encode() for line in lines]
        self._write(b"".join([*events, b"data: [DONE]\n\n"]), "text/event-stream")

    def log_message(self, *_: Any) -> None:
        """Print nothing."""

    def _send(self, value: object) -> None:
        self._write(json.dumps(value).encode(), "application/json")

    def _write(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
