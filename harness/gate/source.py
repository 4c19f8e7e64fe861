"""Go source as a sequence of tokens: enough to see what a file imports, names and declares.

It need not be a parser. What is asked of it is that no token escapes it: whatever Go takes for an import or a
name, it takes for one too. Comments are no tokens, and what stands in a string is not a name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"""
      (?P<comment> //[^\n]* | /\*.*?\*/ )
    | (?P<string> `[^`]*` | "(?:\\.|[^"\\\n])*" )
    | (?P<rune> '(?:\\.|[^'\\\n])+' )
    | (?P<name> [^\W\d]\w* )
    | (?P<newline> \n )
    | (?P<mark> :=|[-+*/%&|^]=|<<=|>>=|&\^=|==|!=|<=|>=|\+\+|--|&&|\|\||<-|\S )
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    kind: str
    """string, rune, name, newline or mark."""
    text: str


@dataclass(frozen=True)
class Import:
    path: str
    """Between its quotes, as written."""
    name: str
    """The name given to it: empty if it keeps its own, `.` or `_`."""


def tokens(source: str) -> list[Token]:
    """The tokens of a file, comments left out; a comment over several lines counts as a newline."""
    found: list[Token] = []
    for match in TOKEN.finditer(source):
        kind = match.lastgroup or "mark"
        if kind != "comment":
            found.append(Token(kind, match.group()))
        elif "\n" in match.group():
            found.append(Token("newline", "\n"))
    return found


def imports(sequence: list[Token]) -> Iterator[Import]:
    """Every import of a file. The keyword can stand nowhere else, so that none is missed."""
    significant = [token for token in sequence if token.kind != "newline"]
    for at, token in enumerate(significant):
        if token == Token("name", "import"):
            yield from _specs(significant[at + 1 :])


def _specs(after: list[Token]) -> Iterator[Import]:
    grouped = bool(after) and after[0].text == "("
    name = ""
    for token in after[1:] if grouped else after:
        if token.kind == "string":
            yield Import(token.text[1:-1], name)
            name = ""
            if not grouped:
                return
        elif token.text == ")":
            return
        elif token.text != ";":
            name = token.text


def package_name(sequence: list[Token]) -> str:
    """The package that a file says it belongs to; empty if it says nothing."""
    significant = [token for token in sequence if token.kind != "newline"]
    if len(significant) < 2 or significant[0].text != "package":
        return ""
    return significant[1].text


def functions(sequence: list[Token]) -> Iterator[tuple[str, list[str]]]:
    """Every top-level function without a receiver: its name and the marks and names of its parameters."""
    depth = 0
    for at, token in enumerate(sequence):
        if token.kind == "mark" and token.text in "({[":
            depth += 1
        elif token.kind == "mark" and token.text in ")}]":
            depth -= 1
        elif token == Token("name", "func") and depth == 0 and at + 2 < len(sequence):
            name, opening = sequence[at + 1 : at + 3]
            if name.kind == "name" and opening.text == "(":
                yield name.text, _until_closed(sequence[at + 3 :])


def _until_closed(after: list[Token]) -> list[str]:
    texts = [token.text for token in after]
    return texts[: texts.index(")")] if ")" in texts else texts
