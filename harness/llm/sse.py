"""Server-sent events: a tolerant parser from bytes to lines, events and JSON objects."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import httpx

from harness.llm.errors import ModelError, Transient, too_long

MAX_LINE = 4 << 20
"""Longest line that is read, in bytes. A tool call with a whole file is far shorter."""


_HEAD = 6
"""Bytes needed to distinguish an event from a JSON object."""
_BLANKS = b" \t\r\n\xef\xbb\xbf"


@dataclass(frozen=True)
class ServerSentEvent:
    """One event: its data lines, and whether it was sent as an error."""

    data: tuple[str, ...]
    error: bool = False


def events(chunks: Iterable[bytes]) -> Iterator[ServerSentEvent]:
    """Yield the events of a stream that carry data; comments and unknown fields are skipped.

    The last event counts even without the blank line after it. Some servers send errors as a field `error`, others as
    an event `error`; both are marked.
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
    """Return the first bytes that are not blank, and an iterator over all chunks from the start.

    An error of the connection is raised by that iterator, at its place in the stream.
    """
    rest = iter(chunks)
    seen: list[bytes] = []
    head = b""
    try:
        for chunk in rest:
            seen.append(chunk)
            head = (head + chunk).lstrip(_BLANKS)
            if len(head) >= _HEAD:
                break
    except httpx.TransportError as error:
        return head, chain(seen, _raising(error))
    return head, chain(seen, rest)


def _raising(error: Exception) -> Iterator[bytes]:
    yield from ()
    raise error


def is_stream(head: bytes, *, expected: bool) -> bool:
    """Return True if bytes with this head are events. A JSON object is not, whatever its content type says."""
    if head.startswith(b"{"):
        return False
    return expected or head.startswith((b"data:", b"event:", b":"))


def lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a stream, which end in LF or CRLF; the last may end with the stream."""
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
                raise too_long(b"".join(parts), f"a line of the stream exceeds {MAX_LINE} bytes")
    yield b"".join(parts).removesuffix(b"\r")


DONE = "[DONE]"


def whole(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a whole body. An empty or cut body raises Transient, because a retry may help."""
    text = _without_end(body.decode("utf-8-sig", errors="replace").strip())
    if not text:
        raise Transient("the body is empty")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as fault:
        if text.startswith("{") and (not text.endswith("}") or fault.pos >= len(text)):
            raise Transient("the body is cut off", text) from None
        raise ModelError("the body is not JSON", text) from None
    except ValueError:
        raise ModelError("the body holds a number beyond reading", text) from None
    if not isinstance(value, dict):
        raise ModelError("the body is not a JSON object", text)
    return value


def _without_end(text: str) -> str:
    """Return the text without `data: [DONE]`, which some servers add to a whole body too."""
    before = text.removesuffix(DONE).rstrip()
    return before.removesuffix("data:").rstrip() if text.endswith(DONE) and before.endswith("data:") else text


def frames(event: ServerSentEvent) -> Iterator[dict[str, Any] | str]:
    """Yield the objects of an event, and `DONE`; anything else is skipped.

    By the standard the data lines of an event are one text. Some servers forget the blank line between events, so each
    line is parsed by itself if the text is no JSON.
    """
    joined = _frame("\n".join(event.data))
    candidates = [joined] if joined is not None else [_frame(line) for line in event.data]
    yield from (frame for frame in candidates if frame is not None)


def _frame(text: str) -> dict[str, Any] | str | None:
    if text.strip() == DONE:
        return DONE
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
