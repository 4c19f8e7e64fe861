"""Text that is too long for a context, cut so that it still reads."""

MARK = "\n…[cut]…\n"


def clip(text: str, limit: int) -> str:
    """At most `limit` UTF-8 bytes of the text, its middle left out; no character is cut in two.

    Compilers put their errors at the beginning, tests their summary at the end: both are kept.
    """
    data = text.encode()
    if len(data) <= limit:
        return text
    keep = limit - len(MARK.encode())
    head, tail = data[: keep // 2], data[len(data) - (keep - keep // 2) :]
    return head.decode(errors="ignore") + MARK + tail.decode(errors="ignore")
