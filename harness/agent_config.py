"""Configuration of the agent: the built-in loop, or a command that is run once a pass."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

from harness.command_line import require_command
from harness.requirements import require

BUILTIN = "builtin"
"""Name of the agent that is part of this program."""

PLACEHOLDERS = (
    "endpoint",
    "origin",
    "model",
    "prompt",
    "prompt_file",
    "workspace",
    "home",
    "ctx_limit",
    "window",
    "max_tokens",
)
"""Names that `command`, `env` and `files` may hold in braces."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACES = re.compile(r"\{([a-z_]+)\}")
RESERVED = ("PATH", "HOME", "TMPDIR", "LANG", "TZ")
"""Variables that the sandbox sets."""
KINDS = ("read", "load", "act", "other")
"""Kinds of tools."""


class Wire(Enum):
    """Protocol in which an agent speaks to its model."""

    chat = "chat"
    """Chat completions of OpenAI: `/v1/chat/completions`."""
    responses = "responses"
    """Responses of OpenAI: `/v1/responses`."""
    messages = "messages"
    """Messages of Anthropic: `/v1/messages`."""


class OnLimit(Enum):
    """Reaction to a call whose tokens reach `ctx_limit`."""

    end = "end"
    """The pass ends, as that of the built-in agent does."""
    refuse = "refuse"
    """Later calls of the pass that are as long are answered with the error of a full context; the agent may shorten
    its history and go on."""


@dataclass
class AgentConfig:
    """The agent that runs a pass."""

    name: str = BUILTIN
    """Name of the agent: builtin, or a label for the command."""
    command: str = ""
    """Command of one pass, without a shell; it gets the prompt, works in the workspace and exits. In it, in `env` and
    in `files`, `{endpoint}` is the base URL of the model (ending in /v1), `{origin}` the same without a path, `{model}`
    its name, `{prompt}` the text of the prompt, `{prompt_file}` a file that holds it, `{workspace}` and `{home}` the
    folders, `{window}` the tokens of the server's window (`server.window`), `{ctx_limit}` and `{max_tokens}` the
    settings. Empty for the built-in agent."""
    wire: Wire = Wire.chat
    """Protocol in which the agent speaks to its model; responses and messages are translated where the server lacks
    them."""
    env: dict[str, str] = field(default_factory=dict)
    """Variables of its environment, beside PATH, HOME, TMPDIR, LANG, TZ and those of the toolchain. There are no
    others."""
    files: dict[str, str] = field(default_factory=dict)
    """Files of its private home folder, by relative path, made anew for each pass."""
    version_command: str = ""
    """Command that prints the version, without a shell; it is part of the cell. Empty: the version is unknown."""
    install: str = ""
    """Advice on how to install the agent, for `harness agents check`."""
    tools: dict[str, str] = field(default_factory=dict)
    """Kinds of its tools by name: read (returns a file), load (other reading), act (changes files) or other. Where a
    pass used a tool without a kind, such as a shell, its loads and acts are unknown."""
    on_limit: OnLimit = OnLimit.end
    """Reaction to a call whose tokens reach `ctx_limit`: end ends the pass, refuse answers later calls of that length
    with the error of a full context."""
    idle_timeout: float = 900.0
    """Seconds that the agent may go without a call of the model under way, such as for its commands; then the pass
    ends, since the agent may wait for an answer that nobody gives. 0 waits for ever."""

    def __post_init__(self) -> None:
        require(bool(self.name.strip()), "agent.name", self.name, "builtin, or a label for the command")
        needs = "empty for the built-in agent, and the command of a pass for any other"
        require(self.builtin == (not self.command.strip()), "agent.command", self.command, needs)
        require(self.idle_timeout >= 0, "agent.idle_timeout", self.idle_timeout, "0 (no limit) or more seconds")
        if self.builtin:
            return
        for key in ("command", "version_command"):
            text = getattr(self, key)
            if text:
                require_command(f"agent.{key}", _BRACES.sub("X", text))
        reach = any(word in text for word in ("{endpoint}", "{origin}") for text in self.texts)
        require(reach, "agent.command", self.command, "given {endpoint} or {origin}, also in agent.env or agent.files")
        asked = any(word in text for word in ("{prompt}", "{prompt_file}") for text in self.texts)
        require(asked, "agent.command", self.command, "given {prompt} or {prompt_file}")
        for text in (self.command, self.version_command, *self.env.values()):
            for name in _BRACES.findall(text):
                known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
                require(name in PLACEHOLDERS, "agent", f"…{{{name}}}…", f"one of {known}")
        for name in self.env:
            fits = _VARIABLE.fullmatch(str(name)) and name not in RESERVED
            require(bool(fits), "agent.env", name, f"the name of a variable, and none of {', '.join(RESERVED)}")
        for path in self.files:
            pure = PurePosixPath(path)
            inside = bool(pure.name) and not pure.is_absolute() and ".." not in pure.parts
            require(inside, "agent.files", path, "a path inside the home folder of the agent")
        for name, kind in self.tools.items():
            require(kind in KINDS, f"agent.tools.{name}", kind, f"one of {', '.join(KINDS)}")

    def require_neutral(self, settings: Mapping[str, tuple[object, object]]) -> None:
        """Raise ConfigError for a setting of the built-in agent's tools and calls that a command agent leaves without
        effect: each is given by its key, with its value and the neutral one."""
        for key, (value, neutral) in settings.items():
            why = f"{str(neutral).lower()} with agent={self.name}, which has tools and calls of its own"
            require(self.builtin or value == neutral, key, str(value).lower(), why)

    @property
    def builtin(self) -> bool:
        return self.name == BUILTIN

    @property
    def texts(self) -> list[str]:
        """Every text that may hold a placeholder."""
        return [self.command, *self.env.values(), *self.files.values()]

    def tools_of(self, kind: str) -> frozenset[str]:
        """Return the names of the tools of a kind."""
        return frozenset(name for name, its in self.tools.items() if its == kind)

    @property
    def arguments(self) -> list[str]:
        """The command, argument by argument, placeholders in place."""
        return shlex.split(self.command)

    @property
    def compared(self) -> dict[str, Any]:
        """All that may change what the agent does, as plain data."""
        fields = {**asdict(self), "wire": self.wire.value, "on_limit": self.on_limit.value}
        return {name: value for name, value in fields.items() if name not in ("install", "tools")}
