import pytest

from stringutil import reverse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("x", "x"),
        ("abc", "cba"),
        ("a b", "b a"),
        ("añb→世界", "界世→bña"),
    ],
)
def test_reverse(text: str, expected: str) -> None:
    got = reverse(text)
    assert got == expected, f"reverse({text!r})"
