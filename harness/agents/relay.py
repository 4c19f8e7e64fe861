"""Opens a port on loopback inside a sandbox without a network, and becomes the agent. A script, not imported.

    python -I -S relay.py PORT SOCKET -- command argument…

Every connection to the port is relayed to the Unix socket at the path SOCKET, which is the only way out: behind it the
meter listens. It imports next to nothing, because it runs inside the sandbox before every pass.
"""

import contextlib
import os
import socket
import sys
import threading
from typing import NoReturn

CHUNK = 1 << 16


def main(arguments: list[str]) -> NoReturn:
    port, path, _, *command = arguments
    listener = socket.create_server(("127.0.0.1", int(port)), backlog=64)
    # The agent is the process that was started, so that its end is the end of all; the relay is nobody's child.
    if os.fork() == 0:
        if os.fork() == 0:
            _leave_streams()
            _serve(listener, path)
        os._exit(0)
    os.wait()
    listener.close()
    try:
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"cannot start {command[0]}: {error.strerror}\n".encode())
        os._exit(127)


def _leave_streams() -> None:
    """Hold none of the pipes open that are read until the agent closes them."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


def _serve(listener: socket.socket, path: str) -> NoReturn:
    while True:
        client, _ = listener.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_relay, args=(client, path), daemon=True).start()


def _relay(client: socket.socket, path: str) -> None:
    with client, socket.socket(socket.AF_UNIX) as meter:
        try:
            meter.connect(path)
        except OSError:
            return
        back = threading.Thread(target=_copy, args=(meter, client), daemon=True)
        back.start()
        _copy(client, meter)
        back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Copy until one side ends, and say so to the other."""
    with contextlib.suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        with contextlib.suppress(OSError):
            end.shutdown(how)


if __name__ == "__main__":
    main(sys.argv[1:])
