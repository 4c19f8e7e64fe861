"""The lengths of months."""


def days(year: int, month: int) -> int:
    """Return the number of days of a month from 1 to 12."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31
