"""Turn of a policy: its calls and texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One tool call."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class Turn:
    """One assistant turn; without calls it ends the pass."""

    content: str = ""
    reasoning: str = ""
    calls: tuple[Call, ...] = ()
