"""View of a policy: the messages of one context, read into events. A policy sees nothing else."""

import json
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.simulator import tokens
from harness.simulator.language import Language, TestReport
from harness.simulator.languages import language_of

JSON = Mapping[str, Any]

ERROR = "ERROR: "


@dataclass(frozen=True)
class ToolEvent:
    """One tool call of this context, with what it returned."""

    name: str
    arguments: JSON
    result: str

    @property
    def failed(self) -> bool:
        return self.result.startswith(ERROR)

    @property
    def path(self) -> str:
        """The file or folder it was about, as a plain path from the root; `.` is the root."""
        return posixpath.normpath(str(self.arguments.get("path") or ".").lstrip("/"))

    def ran_tests(self, language: Language) -> bool:
        """Return True if it ran tests."""
        args = self.arguments.get("args")
        return self.name == "done" or (
            self.name == language.tool and isinstance(args, list) and language.runs_tests(args)
        )


@dataclass
class View:
    """The state of one context."""

    system: str = ""
    prompt: str = ""
    tools: frozenset[str] = frozenset()
    offered: tuple[JSON, ...] = ()
    """The tools as the request describes them."""
    events: list[ToolEvent] = field(default_factory=list)
    """Every tool call of this context, in order."""
    first_call: str = ""
    """Id of the first tool call: all that one turn can leave to the next besides what it says."""
    turns: int = 0
    listings: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Names in each folder listed, those of folders with their slash."""
    texts: dict[str, str] = field(default_factory=dict)
    """Files whose content is in this context: read, or written here."""
    left_out: set[str] = field(default_factory=set)
    """Specs and code of which a read returned a notice instead of the file."""
    absent: set[str] = field(default_factory=set)
    """Paths that could not be read or listed."""
    written: list[str] = field(default_factory=list)
    """Paths written in this context, in order, repeats included."""
    refused: set[str] = field(default_factory=set)
    """Paths that could not be written."""
    report: TestReport | None = None
    """The last test output."""
    report_is_old: bool = False
    """Return True if something was written after the last test output."""
    refusals: int = 0
    """Times that `done` was refused since the last write."""

    @property
    def language(self) -> Language:
        """The language whose tool is offered."""
        return language_of(self.tools)

    def take(self, event: ToolEvent) -> None:
        """Add what one tool call told."""
        self.events.append(event)
        if event.ran_tests(self.language):
            self._take_report(event)
        elif event.name in ("write_file", "edit_file"):
            self._take_write(event)
        elif event.failed:
            self.absent.add(event.path)
        elif event.name == "list_dir":
            self.listings[event.path] = tuple(line.split(" (")[0].strip() for line in event.result.splitlines())
        elif event.name == "read_file":
            self._take_read(event)

    def _take_report(self, event: ToolEvent) -> None:
        self.report, self.report_is_old = self.language.read_report(event.result), False
        self.refusals += event.name == "done"

    def _take_write(self, event: ToolEvent) -> None:
        if event.failed:
            self.refused.add(event.path)
            return
        new = event.arguments
        if event.name == "write_file":
            self.texts[event.path] = str(new.get("content", ""))
        elif event.path in self.texts:
            old, passage = str(new.get("old_string", "")), str(new.get("new_string", ""))
            self.texts[event.path] = self.texts[event.path].replace(old, passage, 1)
        self.written.append(event.path)
        self.report_is_old, self.refusals = True, 0

    def _take_read(self, event: ToolEvent) -> None:
        if self.language.is_notice(event.path, event.result):
            self.left_out.add(event.path)
        else:
            self.texts[event.path] = event.result


def view_of(messages: Sequence[JSON], tools: Sequence[JSON]) -> View:
    """Read a request's messages and tools."""
    view = View(tools=frozenset(tool["function"]["name"] for tool in tools), offered=tuple(tools))
    view.system = "\n".join(tokens.text_of(message) for message in messages if message["role"] == "system")
    view.prompt = "\n".join(tokens.text_of(message) for message in messages if message["role"] == "user")
    asked: dict[str, JSON] = {}
    for message in messages:
        if message["role"] == "assistant":
            asked = {call["id"]: call for call in message.get("tool_calls") or ()}
            view.first_call = view.first_call or next(iter(asked), "")
            view.turns += 1
        elif message["role"] == "tool" and message["tool_call_id"] in asked:
            call = asked[message["tool_call_id"]]
            view.take(ToolEvent(call["function"]["name"], _arguments(call), tokens.text_of(message)))
    return view


def _arguments(call: JSON) -> JSON:
    try:
        arguments = json.loads(call["function"]["arguments"])
    except ValueError:
        return {}
    return arguments if isinstance(arguments, dict) else {}
