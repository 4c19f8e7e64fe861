"""The tools by name, as the model sees them and as it calls them."""

import errno
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from harness.llm.naming import canonical
from harness.tools.arguments import Arguments, ArgumentsError, ToolParameters, read_arguments
from harness.trees import readable
from harness.workspace import PathError

__all__ = ["Arguments", "Completed", "Registry", "Tool", "ToolError", "ToolRequest"]

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
    needs_no_arguments: bool = False
    """Whether it runs whatever its arguments are, even where they cannot be read."""

    def spec(self) -> dict[str, Any]:
        """The definition that is sent with every call."""
        parameters = {"type": "object", "properties": self.properties, "required": list(self.required)}
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        return {"type": "function", "function": function}

    @property
    def parameters(self) -> ToolParameters:
        return ToolParameters(self.name, self.properties, self.required)


@dataclass(frozen=True)
class ToolRequest:
    """A call as it was understood: the tool's own name, its arguments, and the leniencies that this took."""

    name: str
    """The canonical name; as the model wrote it where there is no such tool."""
    arguments: Arguments = field(default_factory=dict)
    forms: tuple[str, ...] = ()
    error: str | None = None
    """Why it cannot be carried out, in words for the model."""


class Registry:
    """The tools of one run, in the order in which they are offered."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    @property
    def specs(self) -> list[dict[str, Any]]:
        return [tool.spec() for tool in self._tools.values()]

    def understand(self, name: str, arguments: str) -> ToolRequest:
        """Read a call as the model wrote it; never raises."""
        known = canonical(name, self._tools)
        if known is None:
            return ToolRequest(name, error=f"there is no tool {name!r}; the tools are {', '.join(self._tools)}")
        tool, forms = self._tools[known], () if known == name else ("tool_name",)
        try:
            read = read_arguments(tool.parameters, arguments)
        except ArgumentsError as error:
            if tool.needs_no_arguments:
                return ToolRequest(known, forms=(*forms, "args_ignored"))
            return ToolRequest(known, forms=forms, error=str(error))
        return ToolRequest(known, read.values, (*forms, *read.forms))

    def carry_out(self, request: ToolRequest) -> str:
        """Carry out a call and return what it is told.

        Raises ToolError with a text for the model, Completed when the gate accepted, and OSError where the
        disk fails: that is a fault of the machine, not an answer.
        """
        if request.error is not None:
            raise ToolError(request.error)
        try:
            return readable(self._tools[request.name].run(request.arguments))
        except PathError as error:
            raise ToolError(str(error)) from error
        except OSError as error:
            if error.errno in DISK_FAULTS:
                raise
            raise ToolError(f"{request.name}: {error.strerror or error}") from error

    def call(self, name: str, arguments: str) -> str:
        """Understand a call and carry it out. Raises what `carry_out` raises."""
        return self.carry_out(self.understand(name, arguments))
