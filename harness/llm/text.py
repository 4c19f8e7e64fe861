"""Text of servers and models, in a form that is safe to print, store and send."""


def one_line(text: str, limit: int = 300) -> str:
    """Return the first `limit` characters of the text on one line."""
    return " ".join(text.split())[:limit]


def printable(text: str, limit: int = 80) -> str:
    """Return the first `limit` characters with line breaks and control characters escaped, safe on any terminal."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text[:limit]
    )


def encodable(text: str) -> str:
    """Return the text with surrogate pairs joined and lone surrogates replaced.

    JSON may escape half a pair, and a stream may cut one in two; such text cannot be written to a file or sent.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def text_of(value: object) -> str:
    """Return the text of a field: parts are joined, and null or another type is empty."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        texts = [part.get("text") for part in value if isinstance(part, dict)]
        return "".join(text for text in texts if isinstance(text, str))
    return ""
