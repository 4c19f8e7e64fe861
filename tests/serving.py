"""A server on a free loopback port, in a thread of its own, for as long as a block lasts."""

import threading
from socketserver import BaseServer
from types import TracebackType
from typing import Self

POLL = 0.01
"""Seconds between two looks at whether it is to end."""


class Serving:
    """The life of a server; what it answers is its handler's affair."""

    def __init__(self, server: BaseServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(POLL,))

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self.let_go()
        self._server.server_close()

    def let_go(self) -> None:
        """Release whoever still waits for an answer, once no more are taken."""
