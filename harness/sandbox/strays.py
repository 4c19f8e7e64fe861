"""Stray processes: those that left their group, so that a signal to the group does not reach them.

A process can start a session of its own and outlive its parents: then it belongs to nobody and would run on
after the run that started it. On Linux this process therefore adopts such orphans (it is their "subreaper"):
whoever loses its parent becomes our child, can be seen, ended and reaped. Elsewhere only groups are ended.
"""

import contextlib
import ctypes
import functools
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 0.9
"""Seconds spent on ending strays at most, so that a time limit is kept to within one."""


@functools.cache
def adopt_orphans() -> None:
    """Make this process the parent of every orphan among its descendants, from now on."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> set[int]:
    """Return the ids of our children, adopted ones included; empty if the system does not list them."""
    result: set[int] = set()
    for task in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            result.update(map(int, task.read_text().split()))
    return result


def end_children(spared: set[int]) -> None:
    """End our children but the spared ones, and whoever these leave behind, until none is left."""
    until = time.monotonic() + PATIENCE
    while (strays := children() - spared) and time.monotonic() < until:
        for pid in strays:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.001)
