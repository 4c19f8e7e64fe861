"""The nesting of brackets."""

CLOSING = {"(": ")", "[": "]", "{": "}"}


def depth(text: str) -> int:
    """Return the deepest nesting, and -1 for brackets that are not balanced."""
    expected: list[str] = []
    deepest = 0
    for character in text:
        if character in CLOSING:
            expected.append(CLOSING[character])
            deepest = max(deepest, len(expected))
        elif character in CLOSING.values() and (not expected or expected.pop() != character):
            return -1
    return -1 if expected else deepest
