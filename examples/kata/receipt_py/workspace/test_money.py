import pytest

from money import format_cents


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (1234, "12.34"),
        (-250, "-2.50"),
        (-7, "-0.07"),
    ],
)
def test_format_cents(cents: int, expected: str) -> None:
    got = format_cents(cents)
    assert got == expected, f"format_cents({cents})"
