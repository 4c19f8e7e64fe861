import pytest

from phrases import words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("   ", 0),
        ("one", 1),
        ("two  words", 2),
        ("\tthree\nshort words \n", 3),
    ],
)
def test_words(text: str, expected: int) -> None:
    got = words(text)
    assert got == expected, f"words({text!r})"
