"""What the confining sandboxes have in common: one folder in sight, and a build cache that is the run's own."""

import copy
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from harness.sandbox.base import Finished, OnLine, SandboxError
from harness.sandbox.environment import gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.sandbox.process import USUAL_LIMITS, Limits
from harness.sandbox.toolchain import Toolchain

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives")
SETTINGS = ("/etc/hosts", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache")
"""What programs of the system need of it, none of which is a secret."""


class ConfinedSandbox(LocalSandbox):
    """Runs commands that see their folder, the toolchain, the programs of the system, and nothing else.

    The build cache is the run's own. It starts with links to what the gate has built, which can be read and not
    written, so nothing that a run's code puts into its cache is ever seen by another run, or by the gate.
    """

    complaint: str
    """How the confining program begins a line when it failed itself."""

    def __init__(
        self,
        toolchain: Toolchain,
        scratch: Path,
        root: Path,
        *,
        limits: Limits = USUAL_LIMITS,
        cache: bool = True,
    ) -> None:
        """`cache` says whether to start with what the gate has built already."""
        own = scratch.resolve() / "go-build"
        self._base = gate_build_cache() if cache and gate_build_cache().is_dir() else None
        if self._base and not own.exists():
            _link_all(self._base, own)
        super().__init__(toolchain, scratch, own, limits)
        self._root = root.resolve()
        self._goroot = toolchain.go.resolve().parent.parent

    def over(self, root: Path) -> Self:
        """The same sandbox over another folder: that is the one in sight, instead of the first."""
        other = copy.copy(self)
        other._root = root.resolve()
        return other

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
        finished = super().run(argv, cwd=cwd, timeout=timeout, max_output=max_output, on_line=on_line)
        if finished.exit_code and finished.output.startswith(self.complaint):
            raise SandboxError(f"cannot start {argv[0]}: {finished.output.splitlines()[0]}")
        return finished

    @property
    def _writable(self) -> list[Path]:
        return [self._root, self._places.home, self._places.tmp, self._places.build_cache]

    @property
    def _readable(self) -> list[Path]:
        shared = [self._goroot, self._base] if self._base else [self._goroot]
        return [path for path in (*map(Path, SYSTEM + SETTINGS), *shared) if path.exists()]


def _link_all(base: Path, own: Path) -> None:
    """Fill a build cache with links to all that another holds: new entries become files of its own."""
    for folder, folders, names in os.walk(base):
        target = own / Path(folder).relative_to(base)
        target.mkdir(parents=True)
        folders.sort()
        for name in names:
            # What lies above the entries is Go's own account of the cache, which it writes anew.
            if target != own:
                os.symlink(f"{folder}/{name}", f"{target}/{name}")  # noqa: PTH211 - thousands of them
