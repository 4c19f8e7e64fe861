"""Parser of values in a syntax near JSON: Python literals, comments, extra commas, unquoted names, raw strings.

Models write these in place of JSON. One small grammar reads them, and nothing is evaluated. A text outside the
grammar, or a cut one, is an error: no part of a value is guessed.
"""

import re
from typing import Any

_SPACE = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TEXT = re.compile(
    r'"""(?P<triple>.*?)"""|"(?P<double>(?:[^"\\]|\\.)*)"|\'(?P<single>(?:[^\'\\]|\\.)*)\'|`(?P<raw>[^`]*)`', re.DOTALL
)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,300})(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?(?![\w.])")
_NAME = re.compile(r"[A-Za-z_][\w-]{0,80}")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": "", **{char: char for char in "\"'\\/`"}}
_LITERALS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_CLOSED = re.compile(r"\s*(?:</[a-z_]{1,30}>|```\s*(?:\n|\Z))")
"""Marks after the end of a call. Brackets still open there were forgotten, since the text was not cut."""
_DEEPEST = 50


class LenientError(ValueError):
    """Text that is no value; `reach` is how far it was one."""

    def __init__(self, reach: int) -> None:
        super().__init__(f"no value up to {reach}")
        self.reach = reach


def lenient_value(text: str, start: int = 0) -> tuple[Any, int]:
    """Return the value at `start`, and its end, in time proportional to its length. Raises LenientError."""
    return _value(text, _skipped(text, start), 0)


def _skipped(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    char = text[at : at + 1]
    if depth > _DEEPEST:
        raise LenientError(at)
    if char in ("{", "["):
        return _object(text, at + 1, depth) if char == "{" else _list(text, at + 1, depth)
    if match := _TEXT.match(text, at):
        return _content(match), match.end()
    if match := _NUMBER.match(text, at):
        digits = match[0]
        return (float(digits) if set(digits) & set(".eE") else int(digits)), match.end()
    if (match := _NAME.match(text, at)) and match[0] in _LITERALS:
        return _LITERALS[match[0]], match.end()
    raise LenientError(at)


def _content(match: re.Match[str]) -> str:
    if match["raw"] is not None:
        return match["raw"]
    name = str(match.lastgroup)
    return _ESCAPE.sub(_escaped, match[name])


def _escaped(match: re.Match[str]) -> str:
    """Return the character of an escape. An unknown escape is read as a literal backslash."""
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[0])


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    at = _skipped(text, at)
    while text[at : at + 1] != "}":
        quoted = _TEXT.match(text, at)
        key = quoted or _NAME.match(text, at)
        colon = _skipped(text, key.end()) if key else at
        if key is None or text[colon : colon + 1] != ":":
            raise LenientError(colon)
        name = _content(key) if quoted else key[0]
        values[name], at = _value(text, _skipped(text, colon + 1), depth + 1)
        at, ended = _after(text, at, "}")
        if ended:
            return values, at
    return values, at + 1


def _list(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    values: list[Any] = []
    at = _skipped(text, at)
    while text[at : at + 1] != "]":
        value, at = _value(text, at, depth + 1)
        values.append(value)
        at, ended = _after(text, at, "]")
        if ended:
            return values, at
    return values, at + 1


def _after(text: str, at: int, closing: str) -> tuple[int, bool]:
    """Return the position after an item, and True if its object or list ends there."""
    following = _skipped(text, at)
    if text[following : following + 1] == ",":
        return _skipped(text, following + 1), False
    if text[following : following + 1] == closing:
        return following + 1, True
    if _CLOSED.match(text, at):
        return at, True
    raise LenientError(following)
