"""Texts in CSV, which people open in spreadsheets: nothing that a model or a server wrote may act there."""

import re

_HIDDEN = ((0x0, 0x8), (0xB, 0x1F), (0x7F, 0x9F), (0x202A, 0x202E), (0x2066, 0x2069))
"""Control characters but tab and newline, and marks of direction."""

FORMULA = r"^\s*[=+\-@＝＋－＠]"
"""Beginnings that a spreadsheet takes for a formula (OWASP, CSV Injection); in the syntax of Python and of SQL."""

HIDDEN_SQL = "[" + "".join(f"\\x{{{low:x}}}-\\x{{{high:x}}}" for low, high in _HIDDEN) + "]"

_HIDDEN_CHARACTERS = re.compile("[" + "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in _HIDDEN) + "]")

REPLACEMENT = "�"


def csv_text(text: str) -> str:
    """Return a text for a cell of CSV: an apostrophe before what looks like a formula, no hidden characters."""
    visible = _HIDDEN_CHARACTERS.sub(REPLACEMENT, text)
    return f"'{visible}" if re.match(FORMULA, visible) else visible


def csv_sql(expression: str) -> str:
    """Return the SQL of the same."""
    visible = f"regexp_replace({expression}, '{HIDDEN_SQL}', '{REPLACEMENT}', 'g')"
    return f"CASE WHEN regexp_matches({visible}, '{FORMULA}') THEN chr(39) || {visible} ELSE {visible} END"
