"""A small server of ours as a process: its command line, its socket, and its end with whoever started it."""

import os
import socket
import threading

import uvicorn
from starlette.applications import Starlette

from harness.command_line import ArgumentReader

IDLE_CONNECTION = 3600
"""Seconds that a connection without requests is kept: a gate may take that long between two of them."""


class ServerArguments(ArgumentReader):
    """Reads where to listen, beside what the server itself is asked for."""

    def __init__(self, prog: str, description: str, port: int) -> None:
        super().__init__(prog=prog, description=description)
        self.add_argument("--host", default="127.0.0.1", help="address to listen on (default: loopback only)")
        self.add_argument("--port", type=int, default=port, help="port to listen on; 0 picks a free one")
        self.add_argument("--exit-with-parent", action="store_true", help="end when standard input is closed")


def listen(host: str, port: int) -> socket.socket:
    """A listening socket: whoever reads the printed line may connect at once. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol left open, asyncio would not switch Nagle's delay off: 40 ms a reply.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        raise OSError(f"cannot listen on {host} port {port}: {error}") from error
    listener.listen(128)
    return listener


def serve(app: Starlette, listener: socket.socket, header: tuple[str, str], *, exit_with_parent: bool) -> None:
    """Say where, and serve until told to end, with one more header in every response."""
    config = uvicorn.Config(
        app,
        headers=[header],
        http="h11",
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=IDLE_CONNECTION,
    )
    if exit_with_parent:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    host, port = listener.getsockname()[:2]
    print(f"listening on http://{f'[{host}]' if ':' in host else host}:{port}/v1", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


def _end_with_parent() -> None:
    # The kernel closes the pipe however the parent ends, so this outlives none, even one that was killed.
    while os.read(0, 4096):
        pass
    os._exit(0)
