"""Lines of receipts."""

from money import format_cents


def line(item: str, count: int, cents: int) -> str:
    """Return the item, the count and the price of all."""
    return f"{item} x{count} {format_cents(count * cents)}"
