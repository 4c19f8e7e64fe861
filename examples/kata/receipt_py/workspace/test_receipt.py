import pytest

from receipt import line


@pytest.mark.parametrize(
    ("item", "count", "cents", "expected"),
    [
        ("tea", 2, 150, "tea x2 3.00"),
        ("sugar", 1, 99, "sugar x1 0.99"),
        ("refund", 3, -25, "refund x3 -0.75"),
    ],
)
def test_line(item: str, count: int, cents: int, expected: str) -> None:
    got = line(item, count, cents)
    assert got == expected, f"line({item!r}, {count}, {cents})"
