"""Lists of numbers."""


def largest(numbers: list[int]) -> int:
    """Return the largest of the numbers, and 0 if there are none."""
    return max(numbers, default=0)
