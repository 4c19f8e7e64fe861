"""Numbers that a server reports: those that make sense, and None for all others."""

import math

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
