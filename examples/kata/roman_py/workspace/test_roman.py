import pytest

from roman import value


@pytest.mark.parametrize(
    ("numeral", "expected"),
    [
        ("", 0),
        ("III", 3),
        ("IV", 4),
        ("XC", 90),
        ("LVIII", 58),
        ("MCMXCIV", 1994),
        ("ABC", 0),
    ],
)
def test_value(numeral: str, expected: int) -> None:
    got = value(numeral)
    assert got == expected, f"value({numeral!r})"
