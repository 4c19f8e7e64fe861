"""Errors of a model call, and how they are read from a server's answer.

All derive from `ModelError`; the client handles some of them itself.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.llm.draft import Draft


class ModelError(Exception):
    """A call failed and would fail again. Callers of the client get one line of text as `str(error)`."""

    status: int | None = None
    """HTTP status with which the server refused the request; None if it did not."""

    def __init__(self, what: str, detail: str = "") -> None:
        """`detail` is the server's own text, unclipped. It is no part of `str(error)`."""
        super().__init__(what)
        self.what = what
        self.detail = detail


class ContextOverflow(ModelError):  # noqa: N818 (callers read it as what happened)
    """The prompt does not fit the server's window: the call failed, but the server is well."""


class HistoryRefused(ModelError):  # noqa: N818
    """The server refuses the model's earlier words in the conversation, and answers otherwise."""


class Stalled(ModelError):  # noqa: N818
    """The server exceeded a time limit of the call. This says nothing about the model, and is not repeated."""


class ReplyTooLong(ModelError):  # noqa: N818
    """The model's reply is longer than any that is read. It is the model's own doing, so the call was not in vain."""


def too_long(head: bytes, what: str) -> ModelError:
    """Return the error for an answer that was given up for its length; `head` are its first bytes.

    Only a chat completion is the model's reply: anything else was made up by the server.
    """
    return ReplyTooLong(what) if b'"choices"' in head else ModelError(what)


class RunTimeUp(ModelError):  # noqa: N818
    """The time of the whole run ended during the call."""


class KeyRefused(ModelError):  # noqa: N818
    """The server wants a key, or another one."""


class FieldRefused(ModelError):  # noqa: N818 (handled by the client: it leaves the field out)
    """The server does not know an optional field of the request."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the server refuses the field {field}")
        self.field = field


class Transient(ModelError):  # noqa: N818 (handled by the client: it tries again)
    """The call failed and may succeed if repeated."""

    def __init__(self, what: str, detail: str = "", *, retry_after: float | None = None, loading: bool = False) -> None:
        super().__init__(what, detail)
        self.retry_after = retry_after
        """Seconds that the server asks to wait; None if it does not say."""
        self.loading = loading
        """True while the server loads its model."""


class Unfinished(Transient):
    """A stream ended before its reply did."""

    def __init__(self, what: str, draft: "Draft") -> None:
        super().__init__(what)
        self.draft = draft
        """The reply as far as it came."""


_WINDOW = r"(?:context|sequence)[ _](?:length|size|window|limit)|max_seq_len|max_model_len"
_BEYOND = r"exceed|overflow|greater|longer|larger|too (?:long|large|big)|only|maximum|at most|reduce"

_OVERFLOW = re.compile(
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


def is_overflow(text: str) -> bool:
    """Return True if an error text says that the prompt exceeds the context window."""
    return _OVERFLOW.search(text) is not None


_REFUSES_FIELD = re.compile(
    r"unsupported|unknown|unrecogni[sz]ed|unexpected|unpermitted|forbidden|\bextra|cannot find|"
    r"not (?:supported|permitted|allowed|implemented|recogni[sz]ed|available|a valid (?:field|parameter|argument))|"
    r"(?:does not|doesn't) support",
    re.IGNORECASE,
)


def refused_field(detail: str, sent: Collection[str]) -> str | None:
    """Return the first of the sent fields that a sentence of the error refuses; None if there is none.

    Only one field is returned, because the same sentence may list the fields that the server does know.
    """
    for statement in _statements(detail):
        if _REFUSES_FIELD.search(statement):
            named = [(position, field) for field in sent if (position := _position(field, statement)) is not None]
            if named:
                return min(named)[1]
    return None


def _position(field: str, statement: str) -> int | None:
    match = re.search(rf"(?<![\w-]){re.escape(field)}(?![\w-])", statement)
    return match.start() if match else None


def _statements(detail: str) -> Iterator[str]:
    """Yield the sentences of an error, one for each JSON object. Echoed parts of the request are left out."""
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


_BAD_REQUEST = re.compile(r"invalid|not_found|unsupported|authentication|permission|bad_?request", re.IGNORECASE)

_LOADING = re.compile(r"\bload(?:ing|s)\b|\bwarming\b|\bstarting\b|\binitiali[sz]|not (?:yet )?ready", re.IGNORECASE)


def error_of_status(status: int, headers: Mapping[str, str], detail: str, sent: Collection[str]) -> ModelError:
    """Return the error for a status that is not 200; `sent` are the optional fields of the request."""
    what = f"HTTP {status}"
    if status == 429:
        return Transient(what, detail, retry_after=_retry_after(headers))
    if (status >= 500 or status in (400, 413, 422)) and is_overflow(detail):
        return ContextOverflow(what, detail)
    if status == 503:
        wait = _retry_after(headers)
        # A server that sends Retry-After loads its model or is being restarted: either way it comes back.
        return Transient(what, detail, retry_after=wait, loading=wait is not None or bool(_LOADING.search(detail)))
    if status >= 500:
        return Transient(what, detail)
    if status in (401, 403):
        return KeyRefused(what, detail)
    field = refused_field(detail, sent) if status in (400, 422) else None
    return FieldRefused(field) if field else ModelError(what, detail)


def error_in_reply(payload: dict[str, Any]) -> ModelError | None:
    """Return the error that a payload holds in place of a reply; None if it holds none."""
    error = payload if payload.get("object") == "error" else payload.get("error")
    return error_of_payload(error) if error else None


def error_of_payload(error: object) -> ModelError:
    """Return the error for one that came with status 200.

    The server had accepted the request, so the error is transient unless it names the request as its cause.
    """
    what = "error in the reply"
    detail = error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)
    fields = error if isinstance(error, dict) else {}
    code = next((number for key in ("code", "status", "status_code") if (number := _number(fields.get(key)))), None)
    if is_overflow(detail):
        return ContextOverflow(what, detail)
    kind = f"{fields.get('type')} {fields.get('code')}"
    if code in (401, 403):
        return KeyRefused(what, detail)
    bad_request = 400 <= code < 500 and code != 429 if code else _BAD_REQUEST.search(kind) is not None
    if not bad_request:
        return Transient(what, detail, loading=code == 503 and _LOADING.search(detail) is not None)
    fault = ModelError(what, detail)
    fault.status = code or 400
    return fault


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | str) and re.fullmatch(r"\d{3}", str(value)) else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait from a header that holds seconds or a date; None if it cannot be read."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((until - datetime.now(UTC)).total_seconds(), 0.0)
