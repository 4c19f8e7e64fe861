import pytest

from limits import clamp


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (5, 0, 10, 5),
        (-3, 0, 10, 0),
        (42, 0, 10, 10),
        (-7, -9, -8, -8),
        (4, 4, 4, 4),
    ],
)
def test_clamp(value: int, low: int, high: int, expected: int) -> None:
    got = clamp(value, low, high)
    assert got == expected, f"clamp({value}, {low}, {high})"
