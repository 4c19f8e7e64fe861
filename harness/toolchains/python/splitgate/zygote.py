"""Start of the code's side: a process that has imported nothing of the workspace, and forks a fresh child per run.

    python -I -c "…" pipes root spec_root

Orders are single bytes: `s` starts the next child, `k` ends the present one. The end of a child is told in its pipe.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import sys
import threading
from typing import Any

from .codeside import CodeSide
from .frames import Channel, ChannelError
from .streams import Outside


class Zygote:
    """Fork children and tell how they ended."""

    def __init__(self, pipes: str, root: str, spec_root: str) -> None:
        self._pipes = pipes
        self._root = root
        self._spec_root = spec_root
        self._child = 0
        self._answers = -1
        self._started = 0

    def serve(self) -> None:
        """Follow orders until nobody is left to give any."""
        orders = os.open(f"{self._pipes}/orders", os.O_RDONLY)
        signal.signal(signal.SIGCHLD, self._reap)
        while order := os.read(orders, 1):
            if order == b"s":
                self._start()
            elif order == b"k":
                self._kill()
        self._kill()

    def _start(self) -> None:
        questions = os.open(f"{self._pipes}/questions{self._started}", os.O_RDONLY)
        answers = os.open(f"{self._pipes}/answers{self._started}", os.O_WRONLY)
        self._started += 1
        child = os.fork()
        if child == 0:
            try:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                os.setpgid(0, 0)
                _be_the_code(questions, answers, self._root, self._spec_root)
            finally:
                os._exit(70)
        self._child, self._answers = child, answers
        with contextlib.suppress(OSError):
            os.setpgid(child, child)
        os.close(questions)

    def _kill(self) -> None:
        child = self._child  # the end of the child, which sets it to 0, can be noticed between the two
        if child:
            for end in (os.killpg, os.kill):
                with contextlib.suppress(OSError):
                    end(child, signal.SIGKILL)

    def _reap(self, *_: Any) -> None:
        while True:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except OSError:
                return
            if not child:
                return
            if child == self._child:
                self._ended(os.waitstatus_to_exitcode(status))

    def _ended(self, code: int) -> None:
        self._kill()
        self._child = 0
        how = f"with exit status {code}" if code >= 0 else f"by {signal.Signals(-code).name}"
        data = json.dumps({"ended": f"the process of the code ended {how}"}).encode()
        with contextlib.suppress(OSError):
            os.set_blocking(self._answers, False)
            os.write(self._answers, struct.pack(">I", len(data)) + data)
        os.close(self._answers)


def _be_the_code(questions: int, answers: int, root: str, spec_root: str) -> None:
    os.chdir(root)
    sys.argv[:] = [""]
    outside = Outside()
    outside.take_over()
    channel = Channel(questions, answers)
    side = CodeSide(channel, root, spec_root, outside)
    channel.understand = Threads(side).understand
    try:
        side.work(0)
    except ChannelError as error:
        os.write(2, f"{error}\n".encode())
    os._exit(71)


class Threads:
    """Give each thread of the spec a thread here."""

    def __init__(self, side: CodeSide) -> None:
        self._side = side
        self._known = {0}

    def understand(self, frame: list[Any]) -> list[Any]:
        """Decode a frame, after starting the thread that it is for."""
        key = frame[0]
        if key > 0 and key not in self._known:
            self._known.add(key)
            threading.Thread(target=self._work, args=(key,), daemon=True).start()
        return self._side.understand(frame)

    def _work(self, key: int) -> None:
        with contextlib.suppress(ChannelError):
            self._side.work(key)


def main() -> None:
    """Read the arguments and serve."""
    Zygote(*sys.argv[1:4]).serve()
