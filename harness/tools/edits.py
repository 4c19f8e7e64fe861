"""Replacement of one passage of a file, with the line endings of the file."""

import re

LF = b"\n"
CRLF = b"\r\n"


class EditError(Exception):
    """A passage cannot be replaced. The text is meant for the model."""

    def __init__(self, why: str, remedy: str = "") -> None:
        super().__init__(why)
        self.remedy = remedy


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return the data with the one occurrence of `old` replaced. Raises EditError unless there is exactly one.

    A passage that does not occur verbatim is searched with other line endings, since models write LF. In a file whose
    lines all end with CRLF, the new text ends its lines with CRLF, too.
    """
    ending, exact = _ending(data), re.escape(old)
    for pattern in (exact, rb"\r?\n".join(re.escape(line) for line in re.split(rb"\r?\n", old))):
        result = re.finditer(pattern, data)
        if match := next(result, None):
            if more := sum(1 for _ in result):
                raise EditError(f"occurs {more + 1} times", "; take in more around it")
            start, end = match.span()
            if pattern != exact or ending == CRLF:
                new = re.sub(rb"\r?\n", ending or _ending(data[start:end]) or LF, new)
            return data[:start] + new + data[end:]
    raise EditError("does not occur")


def _ending(data: bytes) -> bytes | None:
    """Return the line ending of a text; None if it has none, or both."""
    crlf = data.count(CRLF)
    lf = data.count(LF) - crlf
    return None if bool(crlf) == bool(lf) else CRLF if crlf else LF
