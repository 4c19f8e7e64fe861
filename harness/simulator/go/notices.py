"""Notices: what a read returned instead of a Go file, known by what every Go file holds and a notice lacks.

No wording is looked for, since every harness has its own. A Go file begins with its package clause, on a line of its
own, and its functions have bodies. A notice may name packages and tests, and may show what a package exports.
"""

import re

NUMBER = re.compile(r"^[ \t]*\d+[ \t]*[:|→\t][ \t]?", re.MULTILINE)
COMMENTS = re.compile(r"(?>\s+|//[^\n]*|/\*(?s:.*?)\*/)*+")
CLAUSE = re.compile(r"^\ufeff?package[ \t]+[^\W\d]\w*[ \t]*(?:;|//.*|/\*.*)?\r?$", re.MULTILINE)
DECLARATION = re.compile(r"^(?:type|var|const)\b", re.MULTILINE)
FUNCTION = re.compile(r"^func\b", re.MULTILINE)
BODY = re.compile(r"^(?:func\b|\)).*\{(?![ \t]*(?:\.\.\.|…))", re.MULTILINE)
"""The line in which a function's body begins: its first, or the end of parameters on several lines."""


def is_notice(path: str, text: str) -> bool:
    """Return True if the text of a read is something other than that file; False unless it is a Go file.

    A spec that declares nothing tests nothing, and is taken for a notice. Code may be empty, or nothing but comments.
    """
    spec = path.endswith("_test.go")
    if not path.endswith(".go") or not (spec or text.strip()):
        return False
    plain = NUMBER.sub("", text)
    clause = CLAUSE.search(plain)
    if clause is None:
        return True
    if FUNCTION.search(plain, clause.end()):
        return BODY.search(plain, clause.end()) is None
    begins = COMMENTS.fullmatch(plain, 0, clause.start()) is not None
    return not begins or (spec and DECLARATION.search(plain, clause.end()) is None)
