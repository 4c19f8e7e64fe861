"""Roman numerals."""

LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def value(numeral: str) -> int:
    """Return the number that a numeral stands for, and 0 for anything else."""
    if any(letter not in LETTERS for letter in numeral):
        return 0
    values = [LETTERS[letter] for letter in numeral]
    return sum(-here if here < after else here for here, after in zip(values, [*values[1:], 0], strict=False))
