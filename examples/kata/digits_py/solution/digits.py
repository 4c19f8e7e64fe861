"""Digits of numbers."""


def total(number: int) -> int:
    """Return the sum of the decimal digits of number."""
    return sum(map(int, str(abs(number))))
