"""A model that solves the task `reverse` in two turns, whoever asks, and notes whether its conversations mix."""

import json
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from dialects import whole_body
from lab import DONE, SOLVE
from serving import Serving

PAUSE = 0.02
"""Seconds that a reply takes, so that two at once would be seen."""


class Solving(Serving):
    """A server of the model `scripted`; with `closed`, the first call is answered once `opened` is set."""

    def __init__(self, *, closed: bool = False, broken: bool = False, window: int = 9000) -> None:
        self.opened = threading.Event()
        self.asked = threading.Event()
        """Set by the first call."""
        self.turns: list[int] = []
        """Of each call how many messages came with it: 2 begin a conversation, more go on with one."""
        self.most = 0
        """Calls at one time."""
        self.keys: set[str | None] = set()
        self.broken = broken
        self.window = window
        self._now = 0
        self._lock = threading.Lock()
        if not closed:
            self.opened.set()
        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"solving": self})))

    @property
    def in_turn(self) -> bool:
        """Whether one conversation was over before the next began."""
        return self.most <= 1 and [2, 4] * (len(self.turns) // 2) == self.turns

    def reply(self, messages: Sequence[Any]) -> dict[str, Any]:
        """The next turn of a conversation."""
        with self._lock:
            self.turns.append(len(messages))
            self._now += 1
            self.most = max(self.most, self._now)
        self.asked.set()
        self.opened.wait(600)
        time.sleep(PAUSE)
        with self._lock:
            self._now -= 1
        return whole_body(SOLVE if len(messages) == 2 else DONE)

    def let_go(self) -> None:
        self.opened.set()


class _Handler(BaseHTTPRequestHandler):
    solving: Solving
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(200, {"data": [{"id": "scripted", "max_model_len": self.solving.window}]})

    def do_POST(self) -> None:
        self.solving.keys.add(self.headers["Authorization"])
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.solving.broken:
            self._answer(400, {"error": {"message": "out of order"}})
        else:
            self._answer(200, self.solving.reply(asked["messages"]))

    def _answer(self, status: int, body: object) -> None:
        data = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except OSError:  # the client may leave whenever it likes
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""
