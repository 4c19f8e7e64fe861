"""Typed access to records and transcripts, whose fields may be missing or of another type."""

from collections.abc import Mapping
from typing import Any

from analysis.render import printable


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object as it is, and anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """Return a list as it is, and anything else as an empty one."""
    return value if isinstance(value, list) else []


def number(value: object) -> float | None:
    """Return a number as it is, and anything else, true and false too, as None."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def count(value: object) -> int | None:
    """Return a whole number as it is, and anything else as None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def text(value: object) -> str:
    """Return a value as one line of text that is safe to show; empty for null."""
    return "" if value is None else printable(value)


def figure(value: object, unit: str = "") -> str:
    """Return a number with separators and its unit; a dash if it is unknown."""
    known = number(value)
    if known is None or known != known:  # noqa: PLR0124 - NaN alone differs from itself
        return "–"
    shown = f"{known:,}" if isinstance(known, int) else f"{known:,.1f}"
    return f"{shown} {unit}".rstrip()
