import pytest

from lists import largest


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], 0),
        ([7], 7),
        ([3, 9, 4], 9),
        ([-5, -2, -8], -2),
        ([1, 1], 1),
    ],
)
def test_largest(numbers: list[int], expected: int) -> None:
    got = largest(numbers)
    assert got == expected, f"largest({numbers})"
