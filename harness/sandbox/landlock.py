"""Confinement by Landlock: rules on files that a process lays on itself, in namespaces of its own.

The rules are laid by a copy of a server (`fork_server.py`, `landlock_launcher.py`), which then becomes the command.
"""

import ctypes
import functools
from collections.abc import Sequence
from pathlib import Path

from harness.sandbox.confined import ConfinedSandbox

CREATE_RULESET, VERSION_QUERY = 444, 1
SCOPES_SINCE = 6
"""Version of the kernel's interface from which on signals are held back."""


class LandlockSandbox(ConfinedSandbox):
    """The command sees its own files only, and reaches nobody by network, by shared memory or, on newer kernels, by
    signal."""

    name = "landlock"
    complaint = "landlock: "

    def _rules(self, closed: Sequence[Path]) -> Sequence[str]:
        rules = [f"r{path}" for path in self._readable] + [f"w{path}" for path in self._writable]
        rules += [f"p{path}" for path in closed]
        return [*rules, f"n{self._limits.processes}"] if self._limits.processes else rules


@functools.cache
def version() -> int:
    """Version of the kernel's interface; 0 or less where there is none."""
    return int(ctypes.CDLL(None).syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION_QUERY))


def gap() -> str:
    """Return what this kernel's Landlock leaves open that a newer one holds back; empty if nothing."""
    return "" if version() >= SCOPES_SINCE else "signals to other processes of this user are not held back"
