"""Recognising that a server refuses an optional field of the request."""

import json
import re
from collections.abc import Collection, Iterator

_COMPLAINT = re.compile(
    r"unsupported|unknown|unrecogni[sz]ed|unexpected|unpermitted|forbidden|\bextra|cannot find|"
    r"not (?:supported|permitted|allowed|implemented|recogni[sz]ed|available|a valid (?:field|parameter|argument))|"
    r"(?:does not|doesn't) support",
    re.IGNORECASE,
)


def refused_field(detail: str, sent: Collection[str]) -> str | None:
    """The first of the fields sent that a statement of the error names as one too many; None if there is none.

    One at a time: a list of what the server does know may follow in the same sentence.
    """
    for statement in _statements(detail):
        if _COMPLAINT.search(statement):
            named = [(place, field) for field in sent if (place := _place(field, statement)) is not None]
            if named:
                return min(named)[1]
    return None


def _place(field: str, statement: str) -> int | None:
    found = re.search(rf"(?<![\w-]){re.escape(field)}(?![\w-])", statement)
    return found.start() if found else None


def _statements(detail: str) -> Iterator[str]:
    """The error's sentences: of JSON one for each object, what it echoes of the request left out."""
    try:
        yield from _sentences(json.loads(detail))
    except (ValueError, RecursionError):
        yield detail


def _sentences(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _sentences(item)
    elif isinstance(value, dict):
        own = {key: item for key, item in value.items() if key not in ("input", "ctx", "url")}
        flat = [item if isinstance(item, str) else " ".join(map(str, item)) for item in own.values() if _flat(item)]
        yield " ".join(flat)
        for item in own.values():
            if not _flat(item):
                yield from _sentences(item)


def _flat(value: object) -> bool:
    """Return True if a value belongs to an object's own sentence: a string, or a path such as ["body", "top_k"]."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(part, str | int) for part in value))
