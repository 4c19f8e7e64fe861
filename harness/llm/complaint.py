"""An error that a server tells, by its status or inside a reply: what kind of fault it is."""

import json
import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from harness.llm.errors import ContextOverflow, FieldRefused, KeyRefused, ModelError, Transient
from harness.llm.fields import refused_field
from harness.llm.overflow import tells_of_overflow

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
