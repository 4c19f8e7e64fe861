"""Output of a command within bounds, whatever its size."""

import codecs
from collections.abc import Callable

LONGEST_LINE = 1 << 20
"""Bytes of one line that a line handler gets; the rest of a longer line is dropped."""


class Clip:
    """Keeps the head and the tail of a stream of bytes; the middle is counted and dropped."""

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self._total = 0

    def feed(self, data: bytes) -> None:
        self._total += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data[-self._half :]
        if len(self._tail) > 2 * self._half:
            del self._tail[: -self._half]

    @property
    def empty(self) -> bool:
        return self._total == 0

    def text(self) -> str:
        """Return the whole text if it is short, else both ends around a note, cut between characters."""
        tail = bytes(self._tail[-self._half :])
        if self._total <= len(self._head) + len(tail):
            return (bytes(self._head) + tail).decode(errors="replace")
        tail = _from_a_character_on(tail)
        head = codecs.getincrementaldecoder("utf-8")("replace").decode(bytes(self._head))
        left_out = self._total - len(head.encode()) - len(tail)
        return f"{head}\n[... {left_out} bytes left out ...]\n{tail.decode(errors='replace')}"


class LineReader:
    """Cuts a stream of bytes into lines for a handler, without ever holding more than one capped line."""

    def __init__(self, handler: Callable[[bytes], None]) -> None:
        self._handler = handler
        self._line = bytearray()

    def feed(self, data: bytes) -> None:
        *whole, rest = data.split(b"\n")
        for part in whole:
            if self._line:
                self._keep(part)
                self._hand_over()
            else:
                self._handler(part[:LONGEST_LINE])
        self._keep(rest)

    def close(self) -> None:
        """The stream has ended; a last line without its newline counts."""
        if self._line:
            self._hand_over()

    def _keep(self, part: bytes) -> None:
        self._line += part[: LONGEST_LINE - len(self._line)]

    def _hand_over(self) -> None:
        line = bytes(self._line)
        self._line.clear()
        self._handler(line)


def _from_a_character_on(data: bytes) -> bytes:
    """Without the continuation bytes of a character whose start was cut off."""
    skipped = 0
    while skipped < min(3, len(data)) and data[skipped] & 0xC0 == 0x80:
        skipped += 1
    return data[skipped:]
