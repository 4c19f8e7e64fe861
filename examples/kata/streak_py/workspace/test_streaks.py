import pytest

from streaks import longest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("a", 1),
        ("abc", 1),
        ("abbbcc", 3),
        ("aabaaaa", 4),
        ("ééa", 2),
    ],
)
def test_longest(text: str, expected: int) -> None:
    got = longest(text)
    assert got == expected, f"longest({text!r})"
