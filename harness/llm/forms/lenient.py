"""Values in a syntax near JSON: Python's literals, comments, commas too many, names without quotes, raw texts.

Models write these where JSON is wanted. They are read by one small grammar, and nothing is ever run. What is no value
in it, or was cut off, is an error: no part of a value is guessed.
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
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": "", **{sign: sign for sign in "\"'\\/`"}}
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_CLOSED = re.compile(r"\s*(?:</[a-z_]{1,30}>|```\s*(?:\n|\Z))")
"""Marks that end a call from outside; brackets that are still open there were forgotten, since nothing was cut off."""
_DEEPEST = 50


class LenientError(ValueError):
    """Text that is no value; `reach` is how far it was one."""

    def __init__(self, reach: int) -> None:
        super().__init__(f"no value up to {reach}")
        self.reach = reach


def lenient_value(text: str, start: int = 0) -> tuple[Any, int]:
    """The value at a place, and its end, in time proportional to its length. Raises LenientError."""
    return _value(text, _skipped(text, start), 0)


def _skipped(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    sign = text[at : at + 1]
    if depth > _DEEPEST:
        raise LenientError(at)
    if sign in ("{", "["):
        return _object(text, at + 1, depth) if sign == "{" else _list(text, at + 1, depth)
    if found := _TEXT.match(text, at):
        return _content(found), found.end()
    if found := _NUMBER.match(text, at):
        digits = found[0]
        return (float(digits) if set(digits) & set(".eE") else int(digits)), found.end()
    if (found := _NAME.match(text, at)) and found[0] in _WORDS:
        return _WORDS[found[0]], found.end()
    raise LenientError(at)


def _content(found: re.Match[str]) -> str:
    if found["raw"] is not None:
        return found["raw"]
    name = str(found.lastgroup)
    return _ESCAPE.sub(_escaped, found[name])


def _escaped(found: re.Match[str]) -> str:
    """The character of an escape; one that nobody knows is a backslash that should have been doubled."""
    code = found[1] or found[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(found[3], found[0])


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
    """The place after an item, and whether its object or list ends there."""
    following = _skipped(text, at)
    if text[following : following + 1] == ",":
        return _skipped(text, following + 1), False
    if text[following : following + 1] == closing:
        return following + 1, True
    if _CLOSED.match(text, at):
        return at, True
    raise LenientError(following)
