"""Amounts of money."""


def format_cents(cents: int) -> str:
    """Return an amount of cents with a point before the last two digits."""
    if cents < 0:
        return f"-{format_cents(-cents)}"
    return f"{cents // 100}.{cents % 100:02}"
