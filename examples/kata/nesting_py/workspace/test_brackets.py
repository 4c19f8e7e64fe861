import pytest

from brackets import depth


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("no brackets", 0),
        ("a(b)", 1),
        ("([])", 2),
        ("{[()]}()", 3),
        ("(", -1),
        (")(", -1),
        ("(]", -1),
        ("([)]", -1),
    ],
)
def test_depth(text: str, expected: int) -> None:
    got = depth(text)
    assert got == expected, f"depth({text!r})"
