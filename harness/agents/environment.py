"""Environment of a command agent: its programs, its variables and the files of its home, beside those of the task."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harness.agents.programs import AgentProgram
from harness.sandbox.environment import CommandEnvironment, PrivateFolders, SharedCache

RELAY = Path(__file__).with_name("relay.py")
"""The script that is the only way out of a sandbox without a network."""


@dataclass(frozen=True)
class AgentEnvironment:
    """The environment of a task's commands, with an agent in it."""

    base: CommandEnvironment
    program: AgentProgram
    settings: Mapping[str, str] = field(default_factory=dict)
    """Variables of the agent."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Files of its home, by relative path."""
    sockets: Path | None = None
    """Folder of the socket that the relay connects to; None where the agent reaches the meter by itself."""

    @property
    def path(self) -> Sequence[Path]:
        return [*self.base.path, *self.program.folders]

    @property
    def readable(self) -> Sequence[Path]:
        relay = [RELAY, Path(sys.base_prefix).resolve(), self.sockets] if self.sockets else []
        return list(dict.fromkeys([*self.base.readable, *self.program.readable, *relay]))

    @property
    def proc(self) -> bool:
        """Return True: no proof lies in the memory of an agent, and runtimes look into /proc."""
        return True

    @property
    def home_files(self) -> Mapping[str, str]:
        return {**self.base.home_files, **self.files}

    @property
    def build_cache(self) -> Path:
        return self.base.build_cache

    def variables(self, places: PrivateFolders) -> dict[str, str]:
        return self.base.variables(places) | dict(self.settings)

    def shared_cache(self, own: Path) -> SharedCache:
        return self.base.shared_cache(own)


def relayed(port: int, socket: Path, command: Sequence[str]) -> list[str]:
    """Return a command behind the relay, as it is run in a sandbox without a network."""
    python = Path(sys.executable).resolve()
    return [str(python), "-I", "-S", str(RELAY), str(port), str(socket), "--", *command]
