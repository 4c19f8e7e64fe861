"""Limits of numbers."""


def clamp(value: int, low: int, high: int) -> int:
    """Return the number from low to high that is nearest to value."""
    return max(low, min(value, high))
