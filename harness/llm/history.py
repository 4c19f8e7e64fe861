"""The model's calls as they go back to a server: in a form that no server refuses.

Servers parse the arguments of every earlier call. Over one that they cannot read they refuse all later requests.
"""

import hashlib
import json
import re

EMPTY = "{}"

DEEPEST = 32
"""Levels of nesting that are sent back; no argument of a tool has more than two."""

_IDENTITY = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
_NO_PART_OF_A_NAME = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64


def sendable_arguments(text: str) -> str:
    """The JSON text of an object: as generated where that is strict JSON, else what can be read of it, else empty."""
    value = _read(text)
    if isinstance(value, str):
        text, value = value, _read(value)
    if not isinstance(value, dict) or _depth(value) > DEEPEST:
        return EMPTY
    strict = _strict(value)
    if strict is None:
        return EMPTY
    return text if _read(strict) == value else strict


def sendable_name(name: str) -> str:
    """The name of a function by the rules of OpenAI's interface; what they forbid is replaced."""
    return _NO_PART_OF_A_NAME.sub("_", name)[:_LONGEST_NAME] or "_"


def generated_id(number: int) -> str:
    """The id of a call that came without one: nine letters and digits, as the chat template of Mistral demands."""
    return f"call{number:05d}"


def sendable_id(identity: str) -> str:
    """The id of a call; one of a strange form is replaced by another, always by the same."""
    if _IDENTITY.fullmatch(identity):
        return identity
    return hashlib.sha256(identity.encode(errors="replace")).hexdigest()[:9]


def _read(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _strict(value: object) -> str | None:
    """The value as strict JSON; None where it holds a number that is none, such as NaN or 1e999."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return None
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _depth(value: object) -> int:
    level, depth = [value], 0
    while level:
        depth += 1
        inner = [list(part.values()) if isinstance(part, dict) else part for part in level]
        level = [item for part in inner if isinstance(part, list) for item in part]
    return depth
