"""A process that starts confined commands: it forks, and the copy lays the rules on itself and becomes the command.

Starting an interpreter costs tens of milliseconds and a copy of a running one costs one or two. The server is a
fresh interpreter with an empty environment and no descriptor but its socket, so a copy holds nothing of the harness.
Each command is a child of the harness itself, as if the harness had started it.
"""

import array
import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.base import SandboxError

SERVER = Path(__file__).with_name("landlock_launcher.py")
HEADER = struct.Struct("=I")
"""Before each request: its length in bytes. The answer has the same form and holds the id of the process."""


@dataclass(frozen=True)
class StartRequest:
    """One command to start."""

    rules: Sequence[str]
    """Rules of the confinement, as the launcher reads them."""
    command: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    bounds: Sequence[tuple[int, int]]
    """Resource limits: number of the resource, and its value."""
    groups: Sequence[str]
    """Files of control groups that the process enters."""


class ForkServer:
    """One server, for the thread that made it: the kernel ends its commands with that thread."""

    def __init__(self) -> None:
        """Start it. Raises SandboxError if it cannot be started."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", str(SERVER), "--serve", str(theirs.fileno()), str(os.getpid())],
                    env={},
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,
                )
            except OSError as error:
                ours.close()
                raise SandboxError(f"the server that starts commands: {error}") from error
        self._socket = ours
        self._owner = os.getpid()
        self.pid = self._process.pid

    @property
    def usable(self) -> bool:
        """Return True if it runs, and was made by this process."""
        return self._owner == os.getpid() and self._process.poll() is None

    def start(self, request: StartRequest, outputs: tuple[int, int]) -> int:
        """Start a command with these descriptors as standard output and error; return the id of its process.

        Raises SandboxError if the server does not answer.
        """
        text = json.dumps(vars(request)).encode()
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", outputs))]
        try:
            self._socket.sendmsg([HEADER.pack(len(text))], rights)
            self._socket.sendall(text)
            answer = self._socket.recv(HEADER.size, socket.MSG_WAITALL)
        except OSError as error:
            raise SandboxError(f"the server that starts commands: {error}") from error
        if len(answer) < HEADER.size:
            raise SandboxError("the server that starts commands has ended")
        (pid,) = HEADER.unpack(answer)
        return int(pid)

    def close(self) -> None:
        """End it, unless it belongs to another process."""
        self._socket.close()
        if self._owner == os.getpid():
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1)

    def __del__(self) -> None:
        if hasattr(self, "_socket"):
            self.close()


_of_thread = threading.local()


def fork_server() -> ForkServer:
    """Return the server of this thread; started at the first use, and again if it has ended."""
    server: ForkServer | None = getattr(_of_thread, "server", None)
    if server is None or not server.usable:
        server = _of_thread.server = ForkServer()
    return server
