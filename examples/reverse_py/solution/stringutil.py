"""Helpers for strings."""


def reverse(text: str) -> str:
    """Return the characters of the text in the opposite order."""
    return text[::-1]
