import pytest

from digits import total


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, 0),
        (7, 7),
        (-12, 3),
        (1009, 10),
        (987654321, 45),
    ],
)
def test_total(number: int, expected: int) -> None:
    got = total(number)
    assert got == expected, f"total({number})"
