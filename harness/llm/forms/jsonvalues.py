"""JSON within text: values as models write them, and the calls that they hold."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.llm.forms.lenient import LenientError, lenient_value
from harness.llm.forms.reading import TextCall
from harness.llm.forms.tools import Tools

_SKIPPED = 400
"""Brackets passed over where the nesting is too deep to be read: fewer than the interpreter's limit allows."""
_BRACKETS = re.compile(rf"(?:[^\[{{]*[\[{{]){{{_SKIPPED}}}")
_BEGINS = re.compile(r"""\{|\[(?=\s*(?:["'\[{\]\d-]|\Z))""")
_GAP = re.compile(r"[\s,;]*")
_LONGEST_NUMBER = 400
_PIECE = 1024
"""Characters that are decoded at first: the decoder's errors count the lines of all that it was given."""
_DOUBTFUL = 16
"""Characters at the end of a piece where an error may come from the cut."""

NAME_KEYS = ("name", "tool_name", "tool", "function_name", "function", "recipient_name", "action")
ARGUMENT_KEYS = ("arguments", "parameters", "args", "input", "tool_input", "params", "action_input")
_WRAPPERS = ("tool_calls", "tool_call", "function_call", "function")
_BESIDES = ("id", "type", "index", "call_id")


class UnreadableError(Exception):
    """Text that is no JSON value; `reach` is how far it was one."""

    def __init__(self, reach: int) -> None:
        super().__init__(f"no JSON up to {reach}")
        self.reach = reach


@dataclass
class Values:
    """JSON values that follow each other; `fault` is where one begins that cannot be read."""

    values: list[Any] = field(default_factory=list)
    end: int = 0
    fault: int | None = None
    reach: int = 0


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < _LONGEST_NUMBER else float(digits)


_DECODER = json.JSONDecoder(strict=False, parse_int=_number)
"""Line breaks and tabs within strings are taken, since models write files that way."""


def value_at(text: str, start: int) -> tuple[Any, int]:
    """The JSON value at a place, and its end. Raises UnreadableError."""
    size = _PIECE
    while True:
        piece = text[start : start + size]
        try:
            value, end = _DECODER.raw_decode(piece)
        except json.JSONDecodeError as fault:
            cut = fault.pos > len(piece) - _DOUBTFUL or fault.msg.startswith("Unterminated")
            if not cut or start + size >= len(text):
                return _leniently(text, start, start + max(fault.pos, 1))
        except RecursionError:
            deep = _BRACKETS.match(text, start)
            raise UnreadableError(deep.end() if deep else len(text)) from None
        else:
            return value, start + end
        size *= 4


def _leniently(text: str, start: int, reach: int) -> tuple[Any, int]:
    """The object or list at a place where no JSON is."""
    if text[start : start + 1] not in ("{", "["):
        raise UnreadableError(reach)
    try:
        return lenient_value(text, start)
    except LenientError as fault:
        raise UnreadableError(max(reach, fault.reach)) from None


def values_at(text: str, start: int) -> Values:
    """The objects and lists at a place, separated by blanks, commas or semicolons."""
    read = Values(end=start)
    while True:
        gap = _GAP.match(text, read.end)
        at = gap.end() if gap else read.end
        if not _BEGINS.match(text, at):
            return read
        try:
            value, read.end = value_at(text, at)
        except UnreadableError as fault:
            read.fault, read.reach = at, fault.reach
            return read
        read.values.append(value)


def calls_in(values: Sequence[Any], tools: Tools, form: str, *, marked: bool) -> list[TextCall] | None:
    """The calls of several values; None if there are no values, or any of them is no call."""
    parts = [calls_of(value, tools, form, marked=marked) for value in values]
    if not parts or any(part is None for part in parts):
        return None
    return [call for part in parts if part for call in part]


def calls_of(value: Any, tools: Tools, form: str, *, marked: bool) -> list[TextCall] | None:
    """The calls that a value holds; None where any part of it is no call of a tool.

    `marked` says that the text around it announces a call, so that the name alone makes one.
    """
    if isinstance(value, list):
        objects = [item for item in value if isinstance(item, dict)]
        return calls_in(objects, tools, form, marked=marked) if len(objects) == len(value) else None
    if not isinstance(value, dict):
        return None
    inner = next((value[key] for key in _WRAPPERS if isinstance(value.get(key), dict | list)), None)
    if inner is not None:
        return calls_of(inner, tools, form, marked=marked)
    key = next((key for key in NAME_KEYS if isinstance(value.get(key), str)), None)
    name = tools.name(value[key]) if key else None
    if name is None:
        return _keyed(value, tools, form)
    arguments = _arguments({other: item for other, item in value.items() if other != key}, name, tools, marked)
    return None if arguments is None else [TextCall(name, arguments, form)]


def _keyed(value: dict[str, Any], tools: Tools, form: str) -> list[TextCall] | None:
    """The call of an object whose only key is a tool, with that tool's arguments as its value."""
    if len(value) != 1:
        return None
    [(written, arguments)] = value.items()
    name = tools.name(written)
    if name is None or not isinstance(arguments, dict) or not arguments:
        return None
    fits = not arguments.keys() - tools.properties(name).keys() and not tools.missing(name, arguments)
    return [TextCall(name, as_text(arguments), form)] if fits else None


def foreign_calls(values: Sequence[Any]) -> int:
    """Count the values that have the shape of a call: a name beside arguments, whatever the tool."""
    return sum(
        isinstance(value, dict)
        and any(isinstance(value.get(key), str) for key in NAME_KEYS)
        and any(key in value for key in ARGUMENT_KEYS)
        for value in values
    )


def as_text(value: Any) -> str:
    """The JSON text of a value."""
    return json.dumps(value, ensure_ascii=False)


def _arguments(beside: dict[str, Any], name: str, tools: Tools, marked: bool) -> str | None:
    """Return the JSON text of the arguments; None if the keys beside the name show that it is no call."""
    key = next((key for key in ARGUMENT_KEYS if key in beside), None)
    if key is None:
        flat = {other: value for other, value in beside.items() if other not in _BESIDES}
        if flat.keys() - tools.properties(name).keys():
            return None
        return as_text(flat) if flat or marked or not tools.required(name) else None
    value = beside[key]
    if isinstance(value, dict) and isinstance(value.get("properties"), dict):
        return None  # the tool's own definition, repeated
    return value if isinstance(value, str) else as_text(value)
