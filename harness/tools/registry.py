"""The tools of a run by name: their definitions for the model, and the calls that it makes."""

import errno
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.llm.forms.tools import canonical
from harness.tools.arguments import Arguments, ArgumentsError, ToolParameters, read_arguments
from harness.trees import readable
from harness.workspace import PathError

__all__ = ["Arguments", "Completed", "Registry", "Tool", "ToolError", "ToolKind", "ToolRequest"]

DISK_FAULTS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS)


class ToolError(Exception):
    """A call that could not be carried out; the text is meant for the model."""


class Completed(Exception):  # noqa: N818 - the good end of a run, not an error
    """The gate accepted: the run is over."""


class ToolKind(StrEnum):
    """Kind of a tool, by which the record counts its calls."""

    LOAD = "load"
    """It reads the workspace."""
    ACT = "act"
    """It changes files."""
    END = "end"
    """It ends the run, if the gate accepts."""
    COMMAND = "command"
    """It runs a program: neither load nor act."""


@dataclass(frozen=True)
class Tool:
    """One tool that the subject may call."""

    name: str
    description: str
    properties: dict[str, dict[str, Any]]
    required: tuple[str, ...]
    run: Callable[[Arguments], str]
    """Carries out a call and returns the text for the model. Raises ToolError, PathError or OSError; `done` raises
    Completed."""
    kind: ToolKind = ToolKind.COMMAND
    needs_no_arguments: bool = False
    """True if it runs with any arguments, even with text that cannot be read."""

    def spec(self) -> dict[str, Any]:
        """Return the definition that is sent with every call of the model."""
        parameters = {"type": "object", "properties": self.properties, "required": list(self.required)}
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        return {"type": "function", "function": function}

    @property
    def parameters(self) -> ToolParameters:
        return ToolParameters(self.name, self.properties, self.required)


@dataclass(frozen=True)
class ToolRequest:
    """A call as it was understood: the canonical name of the tool, its arguments, and the leniencies used."""

    name: str
    """The canonical name; for an unknown tool the name that the model wrote."""
    kind: ToolKind | None = None
    """The kind of the tool; None for an unknown one."""
    arguments: Arguments = field(default_factory=dict)
    forms: tuple[str, ...] = ()
    error: str | None = None
    """Why it cannot be carried out, as a text for the model; None if it can."""

    @property
    def repaired(self) -> bool:
        """Return True if the call that is carried out differs from the one that came."""
        return bool(self.forms) and self.error is None


class Registry:
    """The tools of one run, in the order in which they are offered."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools = {tool.name: tool for tool in tools}

    @property
    def specs(self) -> list[dict[str, Any]]:
        return [tool.spec() for tool in self._tools.values()]

    def understand(self, name: str, arguments: str) -> ToolRequest:
        """Read a call as the model wrote it. Never raises."""
        known = canonical(name, self._tools)
        if known is None:
            return ToolRequest(name, error=f"there is no tool {name!r}; the tools are {', '.join(self._tools)}")
        tool, forms = self._tools[known], () if known == name else ("tool_name",)
        try:
            read = read_arguments(tool.parameters, arguments)
        except ArgumentsError as error:
            if tool.needs_no_arguments:
                return ToolRequest(known, tool.kind, forms=(*forms, "args_ignored"))
            return ToolRequest(known, tool.kind, forms=forms, error=str(error))
        return ToolRequest(known, tool.kind, read.values, (*forms, *read.forms))

    def carry_out(self, request: ToolRequest) -> str:
        """Carry out a call and return the text for the model.

        Raises ToolError with a text for the model, Completed when the gate accepted, and OSError where the
        disk fails, which is a fault of the machine and no answer.
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
