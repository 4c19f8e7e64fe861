"""Errors of a server: read what it complains about, and choose the exception."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from harness.llm.errors import ContextOverflow, FieldRefused, KeyRefused, ModelError, Transient

_WINDOW = r"(?:context|sequence)[ _](?:length|size|window|limit)|max_seq_len|max_model_len"
_BEYOND = r"exceed|overflow|greater|longer|larger|too (?:long|large|big)|only|maximum|at most|reduce"

_WORDINGS = re.compile(
    "|".join(
        (
            r"context_length_exceeded|exceed_context_size|context_window_exceeded",
            rf"(?:{_WINDOW})[^\n]{{0,200}}?(?:{_BEYOND})",
            rf"(?:{_BEYOND})[^\n]{{0,200}}?(?:{_WINDOW})",
            r"context (?:the )?overflow",
            r"(?:prompt|input)s?(?: \w+)? (?:is|are)? ?too (?:long|large)",
            r"(?:input|prompt) (?:token count|tokens|length)[^\n]{0,80}?(?:exceeds?|must be (?:<|less|at most))",
            r"max_new_tokens`? must be <=",
            r"reduce the length of the (?:messages|prompt|input)",
        )
    ),
    re.IGNORECASE,
)


def tells_of_overflow(text: str) -> bool:
    """Return True if an error text says that the prompt exceeds the context window."""
    return _WORDINGS.search(text) is not None


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


_OF_THE_REQUEST = re.compile(r"invalid|not_found|unsupported|authentication|permission|bad_?request", re.IGNORECASE)

_LOADING = re.compile(r"\bload(?:ing|s)\b|\bwarming\b|\bstarting\b|\binitiali[sz]|not (?:yet )?ready", re.IGNORECASE)


def by_status(status: int, headers: Mapping[str, str], detail: str, sent: Collection[str]) -> ModelError:
    """The fault behind a status that is not 200; `sent` are the optional fields of the request."""
    what = f"HTTP {status}"
    if status == 429:
        return Transient(what, detail, retry_after=_retry_after(headers))
    if (status >= 500 or status in (400, 413, 422)) and tells_of_overflow(detail):
        return ContextOverflow(what, detail)
    if status == 503:
        wait = _retry_after(headers)
        # Who says when to come back will be back: a server that loads its model, or one that is started again.
        return Transient(what, detail, retry_after=wait, loading=wait is not None or bool(_LOADING.search(detail)))
    if status >= 500:
        return Transient(what, detail)
    if status in (401, 403):
        return KeyRefused(what, detail)
    field = refused_field(detail, sent) if status in (400, 422) else None
    return FieldRefused(field) if field else ModelError(what, detail)


def in_reply(payload: dict[str, Any]) -> ModelError | None:
    """The fault that a payload tells in place of a reply, if it does."""
    error = payload if payload.get("object") == "error" else payload.get("error")
    return by_error(error) if error else None


def by_error(error: object) -> ModelError:
    """The fault behind an error that came with status 200.

    The request had been accepted, so the server is to blame unless the error says otherwise.
    """
    what = "error in the reply"
    detail = error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)
    told = error if isinstance(error, dict) else {}
    code = next((number for key in ("code", "status", "status_code") if (number := _number(told.get(key)))), None)
    if tells_of_overflow(detail):
        return ContextOverflow(what, detail)
    kind = f"{told.get('type')} {told.get('code')}"
    if code in (401, 403):
        return KeyRefused(what, detail)
    of_the_request = 400 <= code < 500 and code != 429 if code else _OF_THE_REQUEST.search(kind) is not None
    if not of_the_request:
        return Transient(what, detail, loading=code == 503 and _LOADING.search(detail) is not None)
    fault = ModelError(what, detail)
    fault.status = code or 400
    return fault


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | str) and re.fullmatch(r"\d{3}", str(value)) else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as a header tells, in seconds or as a date; None where it tells nothing usable."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)
