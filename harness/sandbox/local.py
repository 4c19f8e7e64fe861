"""The sandbox `none`: limits only. The command runs as this user, with an environment built from nothing."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from harness.sandbox import process
from harness.sandbox.base import FinishedCommand, OnLine
from harness.sandbox.environment import CommandEnvironment, PrivateFolders, variables_of
from harness.sandbox.guard import Guard
from harness.sandbox.process import USUAL_LIMITS, ProcessLimits
from harness.sandbox.usage import DiskWatch, FolderUsage, Watch, usage


class LocalSandbox:
    """Runs commands with private home and temporary folders, wiped before each one."""

    name = "none"

    def __init__(
        self,
        environment: CommandEnvironment,
        scratch: Path,
        build_cache: Path | None = None,
        limits: ProcessLimits = USUAL_LIMITS,
        guard: Guard | None = None,
        root: Path | None = None,
    ) -> None:
        """`root` is the folder whose growth is limited; none is watched without."""
        scratch = scratch.resolve()
        cache = build_cache or environment.build_cache
        self._places = PrivateFolders(scratch / "home", scratch / "tmp", cache, environment.home_files)
        self._environment = variables_of(environment, self._places)
        self._limits = limits
        self._guard = guard
        self._watched = root.resolve() if root else None
        self._base: FolderUsage | None = None
        self._lasting = True

    def over(self, root: Path) -> Self:
        """The same sandbox over another folder; what lies there when a command begins is what it may grow from."""
        other = copy.copy(self)
        other._watched, other._base = root.resolve(), None
        other._lasting = False
        return other

    def _disk_watches(self) -> list[DiskWatch]:
        return [self._disk()] if self._limits.disk or self._limits.files else []

    def _disk(self) -> DiskWatch:
        """A watch over the workspace, as it was before the first command, and over what else the command may write."""
        watched = self._watched if self._watched and self._watched.is_dir() else None
        if self._base is None or not self._lasting:
            self._base = usage(watched) if watched else FolderUsage(0, 0)
        return DiskWatch(self._base, watched, self._own, self._limits.disk, self._limits.files)

    @property
    def _own(self) -> list[Path]:
        """Folders that nobody but this sandbox's commands writes to, beside the one that they work in."""
        return [self._places.home, self._places.tmp]

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
        # Nothing that one command left behind reaches the next.
        self._places.clean()
        closed = self._guard.before() if self._guard else []
        put_back: tuple[str, ...] = ()
        try:
            finished = process.run(
                self._confined(argv, cwd, closed),
                cwd=cwd,
                env=self._environment,
                timeout=timeout,
                limits=self._limits,
                max_output=max_output,
                on_line=on_line,
                rules=self._rules(closed),
                watches=[*filter(None, [watch]), *self._disk_watches()],
            )
        finally:
            if self._guard:
                put_back = self._guard.after()
        return replace(finished, put_back=put_back)

    def _rules(self, closed: Sequence[Path]) -> Sequence[str] | None:  # noqa: ARG002
        """The rules that the command is started under by the server of commands; None if it is started directly."""
        return None

    def _confined(self, argv: Sequence[str], cwd: Path, closed: Sequence[Path]) -> Sequence[str]:  # noqa: ARG002
        """The command as it is started; a stronger sandbox puts its own before it. `closed` can only be read."""
        return argv
