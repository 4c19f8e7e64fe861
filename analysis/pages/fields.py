"""Typed access to records and transcripts, whose fields may be missing or of another type."""

import json
from collections.abc import Mapping
from typing import Any

from analysis.render import printable


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object as it is, and anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """Return a list as it is, and anything else as an empty one."""
    return value if isinstance(value, list) else []


LARGEST = 2**53
"""Numbers up to which a browser computes exactly; larger ones, and infinite ones, are taken for unknown."""


def number(value: object) -> float | None:
    """Return a number as it is, and anything else, true and false too, as None."""
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return value if known and -LARGEST <= value <= LARGEST else None  # type: ignore[operator,return-value]


def count(value: object) -> int | None:
    """Return a whole number as it is, and anything else as None."""
    known = number(value)
    return known if isinstance(known, int) else None


def text(value: object) -> str:
    """Return a value as one line of text that is safe to show; empty for null."""
    return "" if value is None else printable(value)


def figure(value: object, unit: str = "") -> str:
    """Return a number with separators and its unit; a dash if it is unknown."""
    known = number(value)
    if known is None:
        return "–"
    shown = f"{known:,}" if isinstance(known, int) else f"{known:,.1f}"
    return f"{shown} {unit}".rstrip()


def plain_json(value: object, *, indent: int | None = None) -> str:
    """Return a value as JSON; of one that is nested too deep, that alone."""
    try:
        return json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    except (RecursionError, ValueError):
        return "(nested too deep to be shown)"
