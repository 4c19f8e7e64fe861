"""Text of JavaScript with what is no code in it blanked out, and its parentheses."""

import re

COMMENT = re.compile(r"""("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|//[^\n]*|/\*.*?\*/""", re.DOTALL)
OPAQUE = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
    r"""|(?<=[(,=:\[!&|?{};+\n>])[ \t]*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/""",
    re.DOTALL,
)
"""Comments, strings and regular expressions, in which a parenthesis is none."""
PARENTHESIS = re.compile(r"[()]")


def without_comments(text: str) -> str:
    """Return a text in which comments are blanks, so that places stay what they are."""
    return COMMENT.sub(lambda match: match[1] or _blank(match[0]), text)


def code_alone(text: str) -> str:
    """Return a text in which comments, strings and regular expressions are blanks; places stay what they are."""
    return OPAQUE.sub(lambda match: _blank(match[0]), text)


def closing(code: str, opening: int) -> int:
    """Return the place behind the parenthesis that closes one; the end if none does. `code` is code alone."""
    depth = 0
    for match in PARENTHESIS.finditer(code, opening):
        depth += 1 if match[0] == "(" else -1
        if depth == 0:
            return match.end()
    return len(code)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
