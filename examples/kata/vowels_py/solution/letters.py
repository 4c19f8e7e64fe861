"""Counts of letters."""


def vowels(text: str) -> int:
    """Return the number of vowels in the text."""
    return sum(letter in "aeiouAEIOU" for letter in text)
