"""Server-sent events: bytes into lines into events, as tolerant as the servers are careless."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

import httpx

from harness.llm.errors import ModelError

MAX_LINE = 4 << 20
"""Bytes of the longest line that is read; a whole file in one tool call fits many times over."""


_TELLING = 6
"""Bytes that tell an event from an object."""
_BLANKS = b" \t\r\n\xef\xbb\xbf"


@dataclass(frozen=True)
class ServerSentEvent:
    """One event: its data lines, and whether it was sent as an error."""

    data: tuple[str, ...]
    error: bool = False


def events(chunks: Iterable[bytes]) -> Iterator[ServerSentEvent]:
    """The events of a stream that carry data; comments and unknown fields are passed over.

    The last event counts even if the blank line after it never came. Some servers send errors as a field of that
    name, others as an event of that name: both are marked.
    """
    data: list[str] = []
    error = False
    for line in chain(lines(chunks), [b""]):
        if not line:
            if data or error:
                yield ServerSentEvent(tuple(data), error)
            data, error = [], False
            continue
        name, _, value = line.decode(errors="replace").lstrip("\ufeff").partition(":")
        value = value.removeprefix(" ")
        error |= name == "error" or (name == "event" and value.strip() == "error")
        if name in ("data", "error"):
            data.append(value)


def peek(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes that are not blank, and all chunks, those that were looked at included.

    An error of the connection is raised by the chunks, where it comes, and not here.
    """
    rest = iter(chunks)
    seen: list[bytes] = []
    head = b""
    try:
        for chunk in rest:
            seen.append(chunk)
            head = (head + chunk).lstrip(_BLANKS)
            if len(head) >= _TELLING:
                break
    except httpx.TransportError as error:
        return head, chain(seen, _raising(error))
    return head, chain(seen, rest)


def _raising(error: Exception) -> Iterator[bytes]:
    yield from ()
    raise error


def is_stream(head: bytes, *, expected: bool) -> bool:
    """Return True if bytes that begin this way are events. A JSON object is none, whatever its content type says."""
    if head.startswith(b"{"):
        return False
    return expected or head.startswith((b"data:", b"event:", b":"))


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a stream, ended by LF or CRLF, wherever its chunks were cut; the last may lack its end."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        for number, piece in enumerate(chunk.split(b"\n")):
            if number:
                yield b"".join(parts).removesuffix(b"\r")
                parts, size = [], 0
            parts.append(piece)
            size += len(piece)
            if size > MAX_LINE:
                raise ModelError(f"a line of the stream exceeds {MAX_LINE} bytes")
    yield b"".join(parts).removesuffix(b"\r")
