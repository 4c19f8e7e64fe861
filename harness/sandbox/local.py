"""No confinement but limits: the command runs as this user, with an environment built from nothing."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from harness.sandbox import process
from harness.sandbox.base import Finished, OnLine
from harness.sandbox.environment import Places, build_environment, default_build_cache
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
    ) -> None:
        scratch = scratch.resolve()
        self._places = Places(scratch / "home", scratch / "tmp", build_cache or default_build_cache())
        self._environment = build_environment(toolchain.go, self._places)
        self._limits = limits

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
        return process.run(
            self._confined(argv, cwd),
            cwd=cwd,
            env=self._environment,
            timeout=timeout,
            limits=self._limits,
            max_output=max_output,
            on_line=on_line,
        )

    def _confined(self, argv: Sequence[str], cwd: Path) -> Sequence[str]:  # noqa: ARG002
        """The command as it is started; a stronger sandbox puts its own before it."""
        return argv
