"""Plain data: strings, numbers, booleans and mappings of them, and their hash."""

import hashlib
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any


def plain(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return a section with enumerations as their text."""
    return {name: value.value if isinstance(value, Enum) else value for name, value in section.items()}


def digest(value: object) -> str:
    """SHA-256 over the canonical JSON of plain data, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
