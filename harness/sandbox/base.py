"""Protocol of a sandbox, which confines code that a model wrote."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.sandbox.usage import Watch


@dataclass(frozen=True)
class FinishedCommand:
    """Result of a command that ended, with every process that it started."""

    exit_code: int
    """Exit status as in a shell: negative for the number of the signal that ended it."""
    timed_out: bool
    output: str
    """Standard output and error in the order written, clipped in the middle, never inside a character."""
    excess: str = ""
    """The resource that it took too much of, for which it was ended; empty if it was not, or for its time."""
    put_back: tuple[str, ...] = ()
    """Names of protected things that the command changed; the changes were undone."""


class SandboxError(Exception):
    """A command could not be started: a fault of the set-up, never of the model."""


OnLine = Callable[[bytes], None]


class Sandbox(Protocol):
    """Runs commands over a workspace."""

    @property
    def name(self) -> str:
        """Return the kind of confinement as in the record: bwrap, landlock, sandbox_exec or none."""
        ...

    def over(self, root: Path) -> "Sandbox":
        """Return the same sandbox for another folder, which is then the visible one."""
        ...

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        timeout: float,
        max_output: int = 16 << 10,
        on_line: OnLine | None = None,
        watch: Watch | None = None,
    ) -> FinishedCommand:
        """Run a command in `cwd` and wait for it, at most `timeout` seconds.

        `max_output` bounds the bytes kept in `FinishedCommand.output`. Where `on_line` is given it gets each line of
        standard output as it comes (at most 1 MiB of it), and `output` holds standard error alone. `watch` may end the
        command, for a reason of its own, which `excess` then holds. Raises SandboxError if the command could not be
        started.
        """
        ...
