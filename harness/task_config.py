"""The task of a run: its prompt, its folder, and the command that decides."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from harness.command_line import arguments, require_command
from harness.requirements import require


class Skips(Enum):
    """Rule of the gate for skipped tests."""

    refuse = "refuse"
    """A test that skips itself has not passed, unless it does so without the model's code: for a bundled task with its
    solution, for a folder of your own at the start of the run."""
    allow = "allow"
    """As go test has it: a skipped test is no failure."""


@dataclass
class TaskConfig:
    """The task: its prompt, its folder, and the command that decides."""

    name: str = ""
    """Name of a bundled task, or `folder` for a folder of your own."""
    prompt: str = ""
    """`folder` only: path of the file that holds the prompt."""
    workdir: str = ""
    """`folder` only: the folder that holds the work. Each run works on a copy of it."""
    verify: str = "go test ./..."
    """The command that decides. `go test …` and `python -m pytest …` are verified strictly; of any other, the exit
    status. Quotes are read as a
    shell reads them, and there is no shell: for its operators type `task.verify="sh -c '…'"`."""

    skips: Skips = Skips.refuse
    """Rule for skipped tests: refuse, unless they also skip without the model's code (with the
    task's solution, or at the start of the run), or allow. How many there were is recorded."""
    in_place: bool = False
    """`folder` only: work in the folder itself instead of a copy. What a run changes there stays, and the next run
    starts from it."""

    def __post_init__(self) -> None:
        require(bool(self.name.strip()), "task.name", self.name, "the name of a bundled task, or folder")
        require_command("task.verify", self.verify)
        require(self.own_folder or not self.in_place, "task.in_place", "true", "used with task=folder")
        if self.own_folder:
            require(bool(self.prompt), "task.prompt", self.prompt, "the path of a file that holds the prompt")
            require(bool(self.workdir), "task.workdir", self.workdir, "the folder to work in")

    @property
    def verify_arguments(self) -> list[str]:
        """The verify command, argument by argument."""
        return arguments(self.verify)

    @property
    def own_folder(self) -> bool:
        """Return True for a folder of the user's own, False for a task that a name stands for."""
        return self.name == "folder"

    @property
    def title(self) -> str:
        """The name of the task in records and plans: of a folder its own name."""
        return Path(self.workdir).resolve().name if self.own_folder else self.name
