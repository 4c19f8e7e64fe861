import pytest

from letters import vowels


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("sky", 0),
        ("banana", 3),
        ("AEIOU", 5),
        ("Queue up", 5),
    ],
)
def test_vowels(text: str, expected: int) -> None:
    got = vowels(text)
    assert got == expected, f"vowels({text!r})"
