"""Bounds on the bytes that are read from a server."""

from collections.abc import Iterable, Iterator

import httpx

from harness.llm.errors import ModelError

MAX_STREAM = 64 << 20
"""Bytes of the longest stream that is read, framing included."""

MAX_BODY = 8 << 20
"""Bytes of the longest reply in one body, many times what a model writes. JSON in memory takes up to 25 times that."""

MAX_LISTING = 4 << 20
"""Bytes of the longest list of models that is read."""

MAX_ERROR = 64 << 10
"""Bytes of an error's body that are read."""


def bounded(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """The chunks of a body. Raises ModelError once it exceeds `most` bytes."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise ModelError(f"the reply exceeds {most} bytes")
        yield chunk


def error_text(response: httpx.Response) -> str:
    """The body of an error, as far as it can be had: the status alone decides what happens."""
    body = b""
    try:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_ERROR:
                break
    except httpx.RequestError:
        pass
    return body[:MAX_ERROR].decode(errors="replace")
