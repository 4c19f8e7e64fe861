"""The server of the model, and how it is started."""

import shlex
from dataclasses import dataclass, field

from harness.command_line import require_command
from harness.requirements import ConfigError, require

_COMMAND = "the command of a managed server, which server=managed or a choice for one engine makes it"


@dataclass
class ServerConfig:
    """The model's server, and who starts it."""

    managed: bool = False
    """True starts the server for the runs and stops it after them; false expects a running server."""
    command: str = ""
    """Managed servers only: the command that serves the model at `model.endpoint`, without a shell. `{model}` is
    model.path, else model.name; `{name}` is model.name; `{host}`, `{port}` and `{window}` are what they say."""
    args: str = ""
    """Managed servers only: more arguments, in the words of the server, such as `-ctk q8_0 -ctv q8_0`. They are put in
    the place of `{args}` in the command, else at its end."""
    chosen: dict[str, str] = field(default_factory=dict)
    """The named level of each factor of the server that was chosen, as `server.kv=q8_0` does; its arguments are in
    `args`."""
    window: int = 65536
    """Tokens of the window that the command asks for; at least the largest `ctx_limit`."""
    ready_timeout: float = 900.0
    """Seconds allowed from the start of the command to the first answer: the time that the model takes to load."""
    energy_command: str = ""
    """A command of your own that prints the joules used since some start, without a shell. It is run before and after
    each run, as you and outside the sandbox, 10 seconds at most; the difference is recorded. Empty: not measured."""

    def __post_init__(self) -> None:
        if self.energy_command.strip():
            require_command("server.energy_command", self.energy_command)
        require(self.managed == bool(self.command.strip()), "server.command", self.command, _COMMAND)
        try:
            shlex.split(self.args)
        except ValueError as error:
            raise ConfigError(f"server.args={self.args}: {str(error).lower()}") from error
        needs = "empty: only a managed server has a command to add to (server=llama_cpp, ...)"
        require(self.managed or not self.args.strip(), "server.args", self.args, needs)
        require(self.window >= 1, "server.window", self.window, "1 or more tokens")
        require(self.ready_timeout > 0, "server.ready_timeout", self.ready_timeout, "more than 0 seconds")
