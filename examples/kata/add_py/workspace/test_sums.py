import pytest

from sums import add


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0, 0, 0),
        (2, 3, 5),
        (-4, 1, -3),
        (100, -100, 0),
    ],
)
def test_add(a: int, b: int, expected: int) -> None:
    got = add(a, b)
    assert got == expected, f"add({a}, {b})"
