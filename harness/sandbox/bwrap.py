"""Confinement by bubblewrap: namespaces of their own for files, processes, network and the rest."""

import functools
import subprocess
from collections.abc import Sequence
from pathlib import Path

from harness.sandbox.confined import ConfinedSandbox

INSIDE = """
[ {most} -eq 0 ] || ulimit -u {most} 2>/dev/null || ulimit -p {most} 2>/dev/null
command -v "$1" >/dev/null || {{ echo "bwrap: $1: not found" >&2; exit 97; }}
exec "$@"
"""
"""Only in a user namespace of its own does the limit of processes count nobody else's."""


class BwrapSandbox(ConfinedSandbox):
    """The command is alone: other processes, the network and all other files are not there.

    There is no /proc either, through which a process could write to its own memory past all type safety, unless the
    environment asks for one of its own.
    """

    name = "bwrap"
    complaint = "bwrap: "

    def _sized(self) -> list[str]:
        return ["--size", str(self._limits.disk)] if self._limits.disk and knows_sizes() else []

    def _confined(self, argv: Sequence[str], cwd: Path, closed: Sequence[Path]) -> Sequence[str]:
        command = ["bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--dev", "/dev"]
        command += [*self._sized(), "--tmpfs", "/tmp"]
        command += ["--proc", "/proc"] if self._proc and can_mount_proc() else []
        for path in self._readable:
            if path.is_symlink():
                command += ["--symlink", str(path.readlink()), str(path)]
            else:
                command += ["--ro-bind", str(path), str(path)]
        for path in self._writable:
            command += ["--bind", str(path), str(path)]
        for path in closed:
            command += ["--ro-bind", str(path), str(path)]
        inside = ["/bin/sh", "-c", INSIDE.format(most=self._limits.processes), "sh", *argv]
        return [*command, "--remount-ro", "/", "--chdir", str(cwd), "--", *inside]


@functools.cache
def can_mount_proc() -> bool:
    """Return True if a /proc can be mounted here; inside some containers it cannot."""
    command = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--", "/bin/true"]
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


@functools.cache
def knows_sizes() -> bool:
    """Return True if bubblewrap can limit the size of /tmp, which lies in memory; old versions cannot."""
    try:
        done = subprocess.run(["bwrap", "--help"], check=False, capture_output=True, text=True)
    except OSError:
        return False
    return "--size BYTES" in done.stdout + done.stderr
