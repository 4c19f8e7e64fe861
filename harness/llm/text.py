"""Names, numbers and text of servers and models, brought into a safe form."""


def one_line(text: str, limit: int = 300) -> str:
    """The text on one line, its first `limit` characters."""
    return " ".join(text.split())[:limit]


def printable(text: str, limit: int = 80) -> str:
    """The first `limit` characters on one line, line breaks and control characters escaped: safe on any terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[:limit]
    )


def encodable(text: str) -> str:
    """The text with surrogate pairs joined and lone halves replaced.

    JSON may escape half a character, and a stream may cut a pair in two; such text could not be written to
    any file, nor sent back.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def text_of(value: object) -> str:
    """The text of a field that should hold one: null and other types are none, parts are joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = [part.get("text") for part in value if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return ""
