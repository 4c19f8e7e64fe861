"""A tokenizer for Go source: enough to read the imports, names and functions of a file.

It is no parser, but it misses no token: whatever Go takes for an import or a name is one here, too. Comments are no
tokens, and text inside a string is no name.
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
    """One token of Go source."""

    kind: str
    """One of string, rune, name, newline, mark."""
    text: str


@dataclass(frozen=True)
class Import:
    """One import of a file."""

    path: str
    """The text between the quotes."""
    name: str
    """The name of the import: empty for its own, `.` or `_`."""


def tokens(source: str) -> list[Token]:
    """Return the tokens of a file without comments. A comment over several lines counts as a newline. A byte order mark
    at the beginning is passed over, as Go does."""
    sequence: list[Token] = []
    for match in TOKEN.finditer(source.removeprefix("\ufeff")):
        kind = match.lastgroup or "mark"
        if kind != "comment":
            sequence.append(Token(kind, match.group()))
        elif "\n" in match.group():
            sequence.append(Token("newline", "\n"))
    return sequence


def imports(sequence: list[Token]) -> Iterator[Import]:
    """Iterate over the imports of a file. The keyword occurs nowhere else, so none is missed."""
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
    """Return the package name of a file; empty if it has no package clause."""
    significant = [token for token in sequence if token.kind != "newline"]
    if len(significant) < 2 or significant[0].text != "package":
        return ""
    return significant[1].text


def functions(sequence: list[Token]) -> Iterator[tuple[str, list[str]]]:
    """Iterate over top-level functions without a receiver: the name, and the tokens of the parameters."""
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
