"""Base of the confining sandboxes: one visible folder, and a build cache for each run."""

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from harness.sandbox.base import FinishedCommand, OnLine, SandboxError
from harness.sandbox.environment import CommandEnvironment, SharedCache
from harness.sandbox.guard import Guard
from harness.sandbox.local import LocalSandbox
from harness.sandbox.process import USUAL_LIMITS, ProcessLimits
from harness.sandbox.usage import Watch

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives")
SETTINGS = ("/etc/hosts", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache")
"""System files that programs need. None is a secret."""
OF_SYSTEM = tuple(map(Path, SYSTEM + SETTINGS))


class ConfinedSandbox(LocalSandbox):
    """Runs commands that see their folder, the toolchain, the programs of the system, and nothing else.

    The build cache is the run's own. What the gate has built is read beside it and cannot be written, so nothing
    that a run's code puts into its cache is ever seen by another run, or by the gate.
    """

    complaint: str
    """Prefix of the confining program's own error lines."""

    def __init__(
        self,
        environment: CommandEnvironment,
        scratch: Path,
        root: Path,
        *,
        limits: ProcessLimits = USUAL_LIMITS,
        cache: bool = True,
        guard: Guard | None = None,
    ) -> None:
        """`cache` says whether what the gate has built is shared."""
        super().__init__(environment, scratch, scratch.resolve() / "build-cache", limits, guard, root)
        shared = environment.shared_cache(self._places.build_cache) if cache else SharedCache()
        self._environment |= shared.variables
        self._root = root.resolve()
        self._proc = environment.proc
        self._more = (*environment.readable, *shared.readable)

    def over(self, root: Path) -> Self:
        """The same sandbox over another folder: that is the one in sight, instead of the first."""
        other = super().over(root)
        other._root = root.resolve()
        other._guard = None  # what it looks over is not in sight
        return other

    def without_proc(self) -> Self:
        """The same sandbox without a /proc, through which a process reads and writes its own memory."""
        other = copy.copy(self)
        other._proc = False
        return other

    def seeing(self, folder: Path) -> Self:
        """The same sandbox with one more folder in sight, which can be read."""
        other = copy.copy(self)
        other._more = (*self._more, folder)
        return other

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
        """Run a command as described by the protocol."""
        finished = super().run(argv, cwd=cwd, timeout=timeout, max_output=max_output, on_line=on_line, watch=watch)
        if finished.exit_code and finished.output.startswith(self.complaint):
            raise SandboxError(f"cannot start {argv[0]}: {finished.output.splitlines()[0]}")
        return finished

    @property
    def _own(self) -> list[Path]:
        return [*super()._own, self._places.build_cache]

    @property
    def _writable(self) -> list[Path]:
        return [self._root, self._places.home, self._places.tmp, self._places.build_cache]

    @property
    def _readable(self) -> list[Path]:
        return [path for path in (*OF_SYSTEM, *self._more) if path.exists()]
