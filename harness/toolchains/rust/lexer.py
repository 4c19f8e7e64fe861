"""Tokens of Rust source, with their places: enough to find items, calls and attributes, and to rewrite around them."""

import re
from dataclasses import dataclass

SPACE = re.compile(r"\s+|//[^\n]*")
RAW = re.compile(r'(?:b|c)?r(#*)"')
STRING = re.compile(r'(?:b|c)?"(?:[^"\\]|\\.)*"', re.DOTALL)
CHARACTER = re.compile(r"b?'(?:[^'\\\n]|\\(?:u\{[^}]*\}|x..|.))'")
LIFETIME = re.compile(r"'(?:r#)?\w+")
WORD = re.compile(r"(?:r#)?[^\W\d]\w*")
NUMBER = re.compile(r"\d(?:\w|\.(?=\d))*")
OPENING = {"(": ")", "[": "]", "{": "}"}


class SourceError(ValueError):
    """The text is no Rust source that could be read, with the line."""


@dataclass(frozen=True)
class RustToken:
    """A token: a word, a literal, a lifetime, `::` or one character of punctuation."""

    kind: str
    """One of word, literal, lifetime, mark."""
    text: str
    start: int
    end: int


def tokens_of(source: str) -> list[RustToken]:
    """Return the tokens of a source, without comments. Raises SourceError."""
    result: list[RustToken] = []
    place = 0
    while place < len(source):
        if space := SPACE.match(source, place):
            place = space.end()
        elif source.startswith("/*", place):
            place = _after_comment(source, place)
        else:
            token = _token(source, place)
            result.append(token)
            place = token.end
    return result


def line_of(source: str, place: int) -> int:
    """Return the number of the line of a place in a source, from 1."""
    return source.count("\n", 0, place) + 1


def partners(tokens: list[RustToken], source: str) -> dict[int, int]:
    """Return the index of the closing bracket for each opening one. Raises SourceError."""
    result: dict[int, int] = {}
    opened: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind != "mark":
            continue
        if token.text in OPENING:
            opened.append(index)
        elif token.text in OPENING.values():
            if not opened or OPENING[tokens[opened[-1]].text] != token.text:
                raise SourceError(f"line {line_of(source, token.start)}: a bracket without its partner")
            result[opened.pop()] = index
    if opened:
        raise SourceError(f"line {line_of(source, tokens[opened[-1]].start)}: a bracket without its partner")
    return result


def _token(source: str, place: int) -> RustToken:
    if raw := RAW.match(source, place):
        closing = source.find('"' + raw[1], raw.end())
        if closing < 0:
            raise SourceError(f"line {line_of(source, place)}: a string does not end")
        return _made("literal", source, place, closing + 1 + len(raw[1]))
    for kind, pattern in (("literal", STRING), ("literal", CHARACTER), ("lifetime", LIFETIME)):
        if match := pattern.match(source, place):
            return _made(kind, source, place, match.end())
    if word := WORD.match(source, place):
        return RustToken("word", word[0].removeprefix("r#"), place, word.end())
    if number := NUMBER.match(source, place):
        return _made("literal", source, place, number.end())
    if source[place] == '"':
        raise SourceError(f"line {line_of(source, place)}: a string does not end")
    return _made("mark", source, place, place + (2 if source.startswith("::", place) else 1))


def _made(kind: str, source: str, start: int, end: int) -> RustToken:
    return RustToken(kind, source[start:end], start, end)


def _after_comment(source: str, place: int) -> int:
    depth, start = 0, place
    while place < len(source):
        if source.startswith("/*", place):
            depth, place = depth + 1, place + 2
        elif source.startswith("*/", place):
            depth, place = depth - 1, place + 2
            if not depth:
                return place
        else:
            place += 1
    raise SourceError(f"line {line_of(source, start)}: a comment does not end")
