import pytest

from months import days


@pytest.mark.parametrize(
    ("year", "month", "expected"),
    [
        (2023, 1, 31),
        (2023, 4, 30),
        (2023, 2, 28),
        (2024, 2, 29),
        (1900, 2, 28),
        (2000, 2, 29),
        (2024, 12, 31),
    ],
)
def test_days(year: int, month: int, expected: int) -> None:
    got = days(year, month)
    assert got == expected, f"days({year}, {month})"
