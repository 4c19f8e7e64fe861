"""The tools of a request, by name and parameters, for reading calls from text."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from harness.llm.types import JSON

_NAMING = re.compile(r"""["']?\b(?:name|tool|tool_name|function)["']?\s*[:=]\s*["']?([\w.:-]{1,80})""")
_FIRST_WORD = re.compile(r"\s*([\w.:-]{1,80})")


_PREFIX = re.compile(r"\s*(?:(?:functions?|tools?|default_api|api)[.:/])?", re.IGNORECASE)
_TAIL = re.compile(r"(?::\d+|<\|.*)\s*$", re.DOTALL)
"""Text after a name: the number of the call, or the markup of a leaked channel."""
_LONGEST_NAME = 100
"""Characters of a name that are compared."""


def canonical(written: str, names: Iterable[str]) -> str | None:
    """Return the tool with this name, also in another case, with dashes, or with a `functions.` prefix; else None."""
    known = tuple(names)
    if written in known:
        return written
    bare = _TAIL.sub("", written[_PREFIX.match(written).end() :][:_LONGEST_NAME])  # type: ignore[union-attr]
    folded = _fold(bare)
    return next((name for name in known if folded and _fold(name) == folded), None)


def _fold(name: str) -> str:
    return name.strip().casefold().replace("-", "").replace("_", "")


class Tools:
    """The tools that a text may call; a text that names none of them is no call."""

    def __init__(self, specs: Sequence[JSON]) -> None:
        """Take the `tools` of a request in OpenAI's form; one without a name is skipped."""
        functions = [spec.get("function") for spec in specs if isinstance(spec, dict)]
        named = [function for function in functions if isinstance(function, dict)]
        self._parameters: dict[str, JSON] = {
            function["name"]: function.get("parameters") or {}
            for function in named
            if isinstance(function.get("name"), str)
        }

    def __bool__(self) -> bool:
        return bool(self._parameters)

    def name(self, written: object) -> str | None:
        """Return the tool with this name, or None."""
        return canonical(written, self._parameters) if isinstance(written, str) else None

    def properties(self, tool: str) -> dict[str, Any]:
        return dict(self._parameters[tool].get("properties") or {})

    def required(self, tool: str) -> tuple[str, ...]:
        return tuple(self._parameters[tool].get("required") or ())

    def missing(self, tool: str, arguments: JSON) -> list[str]:
        """Return the required parameters that the arguments lack."""
        return [name for name in self.required(tool) if name not in arguments]

    def typed(self, tool: str, parameter: str, text: str) -> Any:
        """Return the value of a parameter from bare text: its JSON, or the text for a string and for other text."""
        schema = self.properties(tool).get(parameter)
        if not isinstance(schema, dict) or schema.get("type") in (None, "string"):
            return text
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            return text

    def mentioned(self, text: str) -> str | None:
        """Return the first tool that a broken call names, as the value of a key such as `name`."""
        return next((name for match in _NAMING.finditer(text) if (name := self.name(match[1]))), None)

    def leading(self, text: str) -> str | None:
        """Return the tool whose name begins the text."""
        match = _FIRST_WORD.match(text)
        return self.name(match[1]) if match else None
