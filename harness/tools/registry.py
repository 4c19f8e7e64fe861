"""The tools by name, as the model sees them and as it calls them."""

import errno
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from harness.trees import readable
from harness.workspace import PathError

Arguments = dict[str, Any]

DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)


class ToolError(Exception):
    """A call that could not be carried out; the text is meant for the model."""


class Completed(Exception):  # noqa: N818 - the good end of a run, not an error
    """The gate accepted: the run is over."""


@dataclass(frozen=True)
class Tool:
    """One thing that the subject can do."""

    name: str
    description: str
    properties: dict[str, dict[str, Any]]
    required: tuple[str, ...]
    run: Callable[[Arguments], str]
    """Returns what the model is told. Raises ToolError, PathError or OSError; `done` raises Completed."""

    def spec(self) -> dict[str, Any]:
        """The definition that is sent with every call."""
        parameters = {"type": "object", "properties": self.properties, "required": list(self.required)}
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        return {"type": "function", "function": function}

    def check(self, arguments: Arguments) -> None:
        """Raises ToolError on an argument that is missing or of the wrong type."""
        for name, schema in self.properties.items():
            value = arguments.get(name)
            if value is None and name not in self.required:
                continue
            if schema["type"] == "array":
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise ToolError(f"{self.name} needs {name}, a list of strings")
            elif not isinstance(value, str):
                raise ToolError(f"{self.name} needs {name}, a string")


class Registry:
    """The tools of one run, in the order in which they are offered."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    @property
    def specs(self) -> list[dict[str, Any]]:
        return [tool.spec() for tool in self._tools.values()]

    def call(self, name: str, arguments: str) -> str:
        """Carry out a call as the model wrote it and return what it is told.

        Raises ToolError with a text for the model, Completed when the gate accepted, and OSError where the
        disk fails: that is a fault of the machine, not an answer.
        """
        tool = self._tools.get(name)
        if tool is None:
            raise ToolError(f"there is no tool {name!r}; the tools are {', '.join(self._tools)}")
        parsed = _parse(name, arguments)
        tool.check(parsed)
        try:
            return readable(tool.run(parsed))
        except PathError as error:
            raise ToolError(str(error)) from error
        except OSError as error:
            if error.errno in DISK_FAULTS:
                raise
            raise ToolError(f"{name}: {error.strerror or error}") from error


def _parse(name: str, arguments: str) -> Arguments:
    try:
        parsed = json.loads(arguments)
    except (ValueError, RecursionError) as error:
        raise ToolError(f"the arguments of {name} are not valid JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ToolError(f"the arguments of {name} must be a JSON object, not {type(parsed).__name__}")
    return parsed
