"""Frames over a pair of pipes: four bytes of length, then JSON.

JSON rather than pickle or marshal, because the trusted side reads what hostile code may have written. Each frame names
the thread that it is for. Any number of threads wait, and one of them reads at a time.
"""

from __future__ import annotations

import json
import os
import select
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

__tracebackhide__ = True  # pytest leaves these frames out

LARGEST = 64 << 20
"""Largest number of bytes of a frame."""
CHUNK = 1 << 16
MOST_QUEUED = 10_000
"""Largest number of frames that wait for other threads."""

Frame = list[Any]


class ChannelError(Exception):
    """The other side is gone, is too late, or does not keep to the protocol."""


class Channel:
    """One end of the pipes."""

    def __init__(
        self, reads: int, writes: int, deadline: float | None = None, on_error: Callable[[str], None] | None = None
    ) -> None:
        """`deadline` is a time of the monotonic clock; `on_error` is called with the first reason of a failure."""
        self._reads = reads
        self._writes = writes
        self._deadline = deadline
        self._on_error = on_error
        self.understand: Callable[[Frame], Frame] = lambda frame: frame
        """Decodes a frame; called for each in the order in which they came."""
        self._poll = select.poll()
        self._poll.register(reads, select.POLLIN)
        self._buffer = bytearray()
        self._waiting: dict[int, deque[Frame]] = {}
        self._queued = 0
        self._turn = threading.Condition()
        self._reading = False
        self._reader = 0
        """The thread that reads; it may ask while it decodes, as for the hash of an object that is a key."""
        self.sending = threading.RLock()
        """Held while a frame is encoded and written, so that frames leave in the order of their encoding."""
        self.failure = ""

    def send(self, frame: Frame) -> None:
        """Write one frame. Raises ChannelError."""
        data = json.dumps(frame, separators=(",", ":"), check_circular=False).encode()
        if len(data) > LARGEST:
            raise ValueError(f"a value is too large to cross: more than {LARGEST >> 20} MiB")
        if self.failure:
            raise ChannelError(self.failure)
        view = memoryview(struct.pack(">I", len(data)) + data)
        try:
            while view:
                view = view[os.write(self._writes, view) :]
        except OSError:
            raise self.fail("the process of the code ended") from None

    def receive(self, key: int) -> Frame:
        """Wait for the next frame to this thread. Raises ChannelError."""
        with self._turn:
            while True:
                queue = self._waiting.get(key)
                if queue:
                    self._queued -= 1
                    return queue.popleft()
                if not self._reading or self._reader == threading.get_ident():
                    break
                self._turn.wait()
            nested = self._reading
            self._reading, self._reader = True, threading.get_ident()
        try:
            while True:
                frame = self.understand(self._next())
                if frame[0] == key:
                    return frame
                with self._turn:
                    self._queued += 1
                    if self._queued > MOST_QUEUED:
                        raise self.fail("the process of the code broke the protocol: it sends too much")
                    self._waiting.setdefault(frame[0], deque()).append(frame)
                    self._turn.notify_all()
        finally:
            with self._turn:
                self._reading = nested
                self._turn.notify_all()

    def fail(self, reason: str) -> ChannelError:
        """Mark the channel as unusable; return the error to raise."""
        if not self.failure:
            self.failure = reason
            if self._on_error:
                self._on_error(reason)
        return ChannelError(self.failure)

    def _next(self) -> Frame:
        (size,) = struct.unpack(">I", self._exactly(4))
        if size > LARGEST:
            raise self.fail("the process of the code broke the protocol: a frame is too large")
        try:
            frame = json.loads(self._exactly(size))
        except (ValueError, RecursionError):
            raise self.fail("the process of the code broke the protocol: a frame is no JSON") from None
        if type(frame) is dict and "ended" in frame:
            raise self.fail(str(frame["ended"])[:200])
        if type(frame) is not list or len(frame) != 5 or not all(type(part) is int for part in frame[:2]):
            raise self.fail("the process of the code broke the protocol: a frame has the wrong form")
        return frame

    def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if self.failure:
                raise ChannelError(self.failure)
            if self._deadline is not None:
                left = self._deadline - time.monotonic()
                if left <= 0 or not self._poll.poll(left * 1000):
                    raise self.fail("the time limit was reached")
            try:
                data = os.read(self._reads, max(CHUNK, size - len(self._buffer)))
            except OSError:
                data = b""
            if not data:
                raise self.fail("the process of the code ended")
            self._buffer += data
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken
