"""Titles of the tests of a spec, as its text has them. Nothing is run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harness.toolchains.javascript.text import OPAQUE, closing, code_alone

LITERAL = r"""(?P<title>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)"""
WORD = r"(?<![\w$.])(?P<word>[xf]?(?:describe|test|it)|suite)(?:\.(?:only|skip|todo|failing|concurrent))*"
DECLARED = re.compile(rf"{WORD}\s*\(\s*{LITERAL}")
TABLE = re.compile(rf"{WORD}\.each\b")
BLANKS = re.compile(r"\s*")
TITLE = re.compile(rf"\(\s*{LITERAL}")
SUITES = frozenset(("describe", "xdescribe", "fdescribe", "suite"))
ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True)
class _Declaration:
    """One call of describe or test."""

    start: int
    end: int
    """Place behind its closing parenthesis."""
    title: str
    is_suite: bool


def test_titles(text: str) -> list[str]:
    """Return the titles of tests in the order of the text, each below those of its suites: `stack > pop`.

    A title that is no literal, and a test that a loop or a function declares several times, cannot be known by text: a
    literal counts once.
    """
    result: list[str] = []
    open_suites: list[_Declaration] = []
    for one in _declarations(text):
        while open_suites and open_suites[-1].end <= one.start:
            open_suites.pop()
        if one.is_suite:
            open_suites.append(one)
        else:
            result.append(" > ".join([*(suite.title for suite in open_suites), one.title]))
    return result


def _declarations(text: str) -> Iterator[_Declaration]:
    code = code_alone(text)
    found: dict[int, tuple[str, int, str]] = {}
    for match in DECLARED.finditer(text):
        found[match.start()] = (match["word"], text.index("(", match.end("word")), match["title"])
    for match in TABLE.finditer(code):
        place = _behind_table(text, code, match.end())
        if behind := TITLE.match(text, place):
            found[match.start()] = (match["word"], place, behind["title"])
    for start, (word, opening, title) in sorted(found.items()):
        if code.startswith(word, start):  # else it stands in a comment or a string
            yield _Declaration(start, closing(code, opening), ESCAPE.sub(r"\1", title[1:-1]), word in SUITES)


def _behind_table(text: str, code: str, place: int) -> int:
    """Return the place of the parenthesis behind the rows of a table: a call, or a template."""
    start = _behind_blanks(text, place)
    template = OPAQUE.match(text, start) if text.startswith("`", start) else None
    return _behind_blanks(text, template.end() if template else closing(code, start))


def _behind_blanks(text: str, place: int) -> int:
    match = BLANKS.match(text, place)
    return match.end() if match else place
