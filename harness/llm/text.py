"""Names, numbers and text of servers and models, brought into a safe form."""

import math
import re
from collections.abc import Iterable

MOST = 1 << 53
"""No honest count is larger, and no reader of JSON would keep it exact."""


def count(value: object) -> int | None:
    """A count of tokens; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < MOST:
        return None
    return int(value)


def seconds(value: object) -> float | None:
    """A duration, 0 or more, in the unit in which it came; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < MOST and math.isfinite(value) else None


_PREFIX = re.compile(r"\s*(?:(?:functions?|tools?|default_api|api)[.:/])?", re.IGNORECASE)
_TAIL = re.compile(r"(?::\d+|<\|.*)\s*$", re.DOTALL)
"""Text that may follow a name: the number of the call, or the markup of a leaked channel."""
_LONGEST = 100
"""Characters of the longest name that is looked at."""


def canonical(written: str, names: Iterable[str]) -> str | None:
    """The tool that is meant: by its name, or by one in another case, with dashes, or with a `functions.` prefix."""
    known = tuple(names)
    if written in known:
        return written
    bare = _TAIL.sub("", written[_PREFIX.match(written).end() :][:_LONGEST])  # type: ignore[union-attr]
    folded = _fold(bare)
    return next((name for name in known if folded and _fold(name) == folded), None)


def _fold(name: str) -> str:
    return name.strip().casefold().replace("-", "").replace("_", "")


def one_line(text: str, limit: int = 300) -> str:
    """The text on one line, its first `limit` characters."""
    return " ".join(text.split())[:limit]


def printable(text: str, limit: int = 80) -> str:
    """The first `limit` characters on one line, line breaks and control characters escaped: safe on any terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[:limit]
    )


def encodable(text: str) -> str:
    """The text with surrogate pairs joined and lone halves replaced.

    JSON may escape half a character, and a stream may cut a pair in two; such text could not be written to
    any file, nor sent back.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def text_of(value: object) -> str:
    """The text of a field that should hold one: null and other types are none, parts are joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = [part.get("text") for part in value if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return ""
