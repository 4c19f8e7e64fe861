"""Notices: what a read returned instead of a Python file, known by what every Python file holds and a notice lacks.

No wording is looked for, since every harness has its own. A spec has functions with bodies. Code has a statement on a
line of its own, and its functions have bodies. A notice may name files and tests, and may show what a module offers.
"""

import re

NUMBER = re.compile(r"^[ \t]*\d+[ \t]*[:|→\t][ \t]?", re.MULTILINE)
FUNCTION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(", re.MULTILINE)
BODY = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|\)).*:[ \t]*(?:#.*)?\r?\n(?:[ \t]*\r?\n)*[ \t]+(?!\.\.\.|…)\S",
    re.MULTILINE,
)
"""The end of a function's parameters, and the first line of its body."""
STATEMENT = re.compile(
    r"^(?:import[ \t]+[\w.]+|from[ \t]+[\w.]+[ \t]+import\b|class[ \t]+\w+.*:|@\w|[A-Za-z_]\w*[ \t]*(?::[^=\n]+)?=)"
    r"|^[ \t]*(?:\"\"\"|#)",
    re.MULTILINE,
)


def is_notice(path: str, text: str) -> bool:
    """Return True if the text of a read is something other than that file; False unless it is a Python file.

    A spec without functions tests nothing, and is taken for a notice. Code may be empty, or nothing but comments.
    """
    spec = path.rpartition("/")[2].startswith("test_")
    if not path.endswith(".py") or not (spec or text.strip()):
        return False
    plain = NUMBER.sub("", text)
    if FUNCTION.search(plain):
        return BODY.search(plain) is None
    return spec or STATEMENT.search(plain) is None
