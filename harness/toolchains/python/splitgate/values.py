"""Plain values, which cross by value.

Only exact types are plain. An instance of a subclass could carry a method that lies, so it crosses as a handle. The
trusted side builds values from this fixed list of constructors, and never looks up a name that came over the pipe.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import pathlib
import re
import uuid
import zoneinfo
from collections import deque
from collections.abc import Callable
from typing import Any

from .shared import KINDS, NAMES, Shared, content_of, fill

__tracebackhide__ = True  # pytest leaves these frames out

DEEPEST = 150
"""Deepest nesting of containers that cross by value; deeper ones cross as handles."""
SMALL = 1 << 62

Fields = Callable[[Any], list[Any]]


class ProtocolError(Exception):
    """A frame that has no meaning."""


def _offset(value: datetime.timezone) -> list[Any]:
    return [value.utcoffset(None)]


def _moment(value: datetime.datetime) -> list[Any]:
    return [*value.timetuple()[:6], value.microsecond, value.tzinfo, value.fold]


def _clock(value: datetime.time) -> list[Any]:
    return [value.hour, value.minute, value.second, value.microsecond, value.tzinfo, value.fold]


def _build_moment(*fields: Any) -> Any:
    return datetime.datetime(*fields[:8], fold=fields[8])


def _build_clock(*fields: Any) -> Any:
    return datetime.time(*fields[:5], fold=fields[5])


def _build_bytes(text: str) -> bytes:
    return text.encode("latin-1")


def _build_big(text: str) -> int:
    return int(text, 16)


def _build_tuple(*items: Any) -> tuple[Any, ...]:
    return items


def _build_frozenset(*items: Any) -> frozenset[Any]:
    return frozenset(items)


def _ellipsis() -> Any:
    return ...


def _not_implemented() -> Any:
    return NotImplemented


def _as_list(items: Any) -> list[Any]:
    return list(items)


def _text(value: Any) -> list[Any]:
    return [str(value)]


VALUES: dict[str, tuple[type, Fields, Callable[..., Any]]] = {
    "i": (int, lambda value: [hex(value)], _build_big),
    "c": (complex, lambda value: [value.real, value.imag], complex),
    "b": (bytes, lambda value: [value.decode("latin-1")], _build_bytes),
    "t": (tuple, _as_list, _build_tuple),
    "fs": (frozenset, _as_list, _build_frozenset),
    "sl": (slice, lambda value: [value.start, value.stop, value.step], slice),
    "r": (range, lambda value: [value.start, value.stop, value.step], range),
    "...": (type(...), lambda value: [], _ellipsis),  # noqa: ARG005
    "ni": (type(NotImplemented), lambda value: [], _not_implemented),  # noqa: ARG005
    "F": (fractions.Fraction, lambda value: [value.numerator, value.denominator], fractions.Fraction),
    "D": (decimal.Decimal, _text, decimal.Decimal),
    "dt": (datetime.datetime, _moment, _build_moment),
    "d": (datetime.date, lambda value: [value.year, value.month, value.day], datetime.date),
    "tm": (datetime.time, _clock, _build_clock),
    "td": (
        datetime.timedelta,
        lambda value: [value.days, value.seconds, value.microseconds],
        datetime.timedelta,
    ),
    "tz": (datetime.timezone, _offset, datetime.timezone),
    "zi": (zoneinfo.ZoneInfo, lambda value: [value.key], zoneinfo.ZoneInfo),
    "u": (uuid.UUID, _text, uuid.UUID),
    "p": (type(pathlib.Path()), _text, pathlib.Path),
    "pp": (pathlib.PurePosixPath, _text, pathlib.PurePosixPath),
    "re": (re.Pattern, lambda value: [value.pattern, value.flags], re.compile),
}
TAGS = {kind: (tag, fields) for tag, (kind, fields, _) in VALUES.items()}
BUILDERS = {tag: build for tag, (_, _, build) in VALUES.items()}
NESTED = frozenset((tuple, frozenset))
PLAIN = frozenset((type(None), bool, int, float, str, *NAMES, *TAGS))
"""The types whose instances are plain data."""


class Codec:
    """Encode and decode values. A side says what its own objects cross as."""

    def __init__(self, first: int, here: str, there: str) -> None:
        """A path in `here`, the folder of the code on this side, crosses as one in `there`, that of the other side."""
        self.shared = Shared(first)
        self._here, self._there = here, there
        self._depth = 0

    def encode_own(self, value: Any) -> Any:
        """Return what an object that is no plain value crosses as."""
        raise NotImplementedError

    def decode_own(self, tag: str, parts: list[Any]) -> Any:
        """Return the object of a tag that is not one of plain values. Raises ProtocolError."""
        raise NotImplementedError

    def encode(self, value: Any) -> Any:
        """Return JSON for a value. Anything but null, true, numbers and text is a list that begins with a tag."""
        kind = type(value)
        if kind is str:
            return self._moved(value) if value[:1] == "/" else value
        if kind is int:
            return value if -SMALL < value < SMALL else ["i", hex(value)]
        if value is None or kind is bool or kind is float:
            return value
        if kind in NAMES:
            return self._encode_container(value, kind)
        if kind in TAGS:
            return self._encode_plain(value, kind)
        return self.encode_own(value)

    def _encode_plain(self, value: Any, kind: type) -> Any:
        tag, fields = TAGS[kind]
        if kind in NESTED and self._depth > DEEPEST:
            return self.encode_own(value)
        self._depth += 1
        try:
            parts: list[Any] = [tag]
            for field in fields(value):
                parts.append(self.encode(field))
            return parts
        finally:
            self._depth -= 1

    def _encode_container(self, value: Any, kind: type) -> Any:
        number, new = self.shared.number(value)
        if not new:
            return ["M", number]
        if self._depth > DEEPEST:
            self.shared.forget(number)
            return self.encode_own(value)
        return ["m", number, NAMES[kind], self.encode_setting(value), self.encode_content(number, value)]

    def encode_setting(self, value: Any) -> Any:
        """Return what a container is made with: the bound of a deque, the factory of a defaultdict."""
        kind = type(value)
        if kind is deque:
            return value.maxlen
        return self.encode(value.default_factory) if hasattr(value, "default_factory") else None

    def encode_content(self, number: int, value: Any) -> list[Any]:
        """Return what a container holds, keys and values in turn, and take it as seen."""
        self.shared.note(number)
        items: Any = value
        if type(value) is bytearray:
            items = [bytes(value)]
        elif isinstance(value, dict):
            items = [part for pair in value.items() for part in pair]
        self._depth += 1
        try:
            return [self.encode(item) for item in items]
        finally:
            self._depth -= 1

    def _moved(self, text: str) -> str:
        if self._here and text.startswith(self._here) and text[len(self._here) : len(self._here) + 1] in {"", "/"}:
            return self._there + text[len(self._here) :]
        return text

    def decode(self, code: Any) -> Any:
        """Return the value of JSON. Raises ProtocolError."""
        if type(code) is not list:
            if type(code) is dict:
                raise ProtocolError("an object of JSON is no value")
            return code
        try:
            tag = code[0]
            if tag == "M":
                return self.shared.get(code[1])
            if tag == "m":
                return self._decode_container(*code[1:])
            build = BUILDERS.get(tag)
            if build is None:
                return self.decode_own(tag, code)
            parts = [self.decode(part) for part in code[1:]]
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ProtocolError(f"a value has no meaning: {error}") from error
        try:
            return build(*parts)
        except Exception as error:
            raise ProtocolError(f"a value cannot be built: {error}") from error

    def _decode_container(self, number: int, name: str, setting: Any, items: list[Any]) -> Any:
        kind = KINDS[name]
        if type(number) is not int or number in self.shared.entries:
            raise ProtocolError("a container has a number that is in use")
        value: Any = kind()
        if kind is deque and setting is not None:
            value = deque(maxlen=setting)
        elif setting is not None:
            value.default_factory = self.decode(setting)
        self.shared.add(number, value)
        self.decode_content(number, value, items)
        return value

    def decode_content(self, number: int, value: Any, items: list[Any]) -> None:
        """Change what a container holds, and take it as seen."""
        decoded = [self.decode(item) for item in items]
        try:
            fill(value, decoded)
        except (TypeError, ValueError) as error:
            raise ProtocolError(f"a container cannot hold this: {error}") from error
        self.shared.note(number)

    def encode_changes(self) -> list[Any]:
        """Return what the other side must know of shared containers before it reads the rest of a frame."""
        if not self.shared.entries:
            return []
        changes = [[number, self.encode_content(number, self.shared.get(number))] for number in self.shared.changed()]
        dropped = self.shared.drop()
        return [changes, dropped] if changes or dropped else []

    def decode_changes(self, changes: list[Any]) -> list[int]:
        """Apply what `encode_changes` returned on the other side; return the numbers that it dropped."""
        if not changes:
            return []
        try:
            for number, items in changes[0]:
                self.decode_content(number, self.shared.get(number), items)
            for number in changes[1]:
                self.shared.forget(number)
            return list(changes[1])
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise ProtocolError(f"a change has no meaning: {error}") from error


__all__ = ["PLAIN", "Codec", "ProtocolError", "content_of"]
