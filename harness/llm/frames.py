"""JSON from a server: of a whole body, or of one event of a stream."""

import json
from collections.abc import Iterator
from typing import Any

from harness.llm.errors import ModelError, Transient
from harness.llm.sse import ServerSentEvent

DONE = "[DONE]"


def whole(body: bytes) -> dict[str, Any]:
    """The object of a whole body. An empty one, or one that was cut off, may be better the next time."""
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
    """The text without the end of a stream, which some servers put after a whole body as well."""
    before = text.removesuffix(DONE).rstrip()
    return before.removesuffix("data:").rstrip() if text.endswith(DONE) and before.endswith("data:") else text


def frames(event: ServerSentEvent) -> Iterator[dict[str, Any] | str]:
    """The objects of an event, and `DONE`; anything else is passed over.

    By the standard the data lines of an event are one text. Servers that forget the blank line between events
    are served by a second look, at each line.
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
