import pytest

from squeeze import squeeze


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("a", "a1"),
        ("aaab", "a3b1"),
        ("abab", "a1b1a1b1"),
        ("xxxxxxxxxxxx", "x12"),
    ],
)
def test_squeeze(text: str, expected: str) -> None:
    got = squeeze(text)
    assert got == expected, f"squeeze({text!r})"
