"""No confinement but limits: the command runs as this user, with an environment built from nothing."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from harness.sandbox import process
from harness.sandbox.base import Finished, OnLine
from harness.sandbox.environment import Places, build_environment, default_build_cache
from harness.sandbox.guard import Guard
from harness.sandbox.process import USUAL_LIMITS, Limits
from harness.sandbox.toolchain import Toolchain


class LocalSandbox:
    """Runs commands with private home and temporary folders, wiped before each one."""

    name = "none"

    def __init__(
        self,
        toolchain: Toolchain,
        scratch: Path,
        build_cache: Path | None = None,
        limits: Limits = USUAL_LIMITS,
        guard: Guard | None = None,
    ) -> None:
        scratch = scratch.resolve()
        self._places = Places(scratch / "home", scratch / "tmp", build_cache or default_build_cache())
        self._environment = build_environment(toolchain.go, self._places)
        self._limits = limits
        self._guard = guard

    def over(self, root: Path) -> Self:  # noqa: ARG002 - everything is in sight here anyway
        """The same sandbox over another folder."""
        return self

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        timeout: float,
        max_output: int = 16 << 10,
        on_line: OnLine | None = None,
    ) -> Finished:
        """As the protocol says."""
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
            )
        finally:
            if self._guard:
                put_back = self._guard.after()
        return replace(finished, put_back=put_back)

    def _confined(self, argv: Sequence[str], cwd: Path, closed: Sequence[Path]) -> Sequence[str]:  # noqa: ARG002
        """The command as it is started; a stronger sandbox puts its own before it. `closed` can only be read."""
        return argv
