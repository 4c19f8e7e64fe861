"""Selection of the sandbox on this machine, by a trial run of each kind."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

from harness.sandbox.base import Sandbox, SandboxError
from harness.sandbox.bwrap import BwrapSandbox
from harness.sandbox.environment import CommandEnvironment, PlainEnvironment
from harness.sandbox.guard import Guard
from harness.sandbox.landlock import LandlockSandbox, gap
from harness.sandbox.local import LocalSandbox
from harness.sandbox.process import USUAL_LIMITS, ProcessLimits
from harness.sandbox.seatbelt import SeatbeltSandbox

CONFINING = {"bwrap": BwrapSandbox, "landlock": LandlockSandbox, "sandbox_exec": SeatbeltSandbox}
"""The strongest first; each works on one system only."""
READ_ONLY = ("bwrap", "landlock")
"""Those in which what programs run by themselves cannot be written at all."""
PRIVATE_NETWORK = ("bwrap", "landlock")
"""Those in which a command has a network of its own, with nobody else in it."""
KINDS = ("auto", *CONFINING, "none")


def settle(kind: str) -> str:
    """Return the kind; for `auto` the strongest that works here.

    Raises SandboxError, in one line, if the one asked for does not work.
    """
    if kind not in KINDS:
        raise SandboxError(f"sandbox={kind}: must be one of {', '.join(KINDS)}")
    if kind in CONFINING and (reason := probe(kind)):
        raise SandboxError(f"sandbox={kind} does not work here: {reason}")
    return next((name for name in CONFINING if not probe(name)), "none") if kind == "auto" else kind


def open_sandbox(
    kind: str,
    environment: CommandEnvironment,
    scratch: Path,
    root: Path,
    *,
    limits: ProcessLimits = USUAL_LIMITS,
    report: Callable[[str], object] | None = None,
    saved: Path | None = None,
    cache: bool = True,
) -> Sandbox:
    """Return the sandbox of this kind over the folder `root`. Raises SandboxError if it does not work here.

    `report` gets the name of whatever a command changed among the things that programs run by themselves; what it
    made anew there is saved in the folder `saved`, if one is given.
    Without `cache` it is fit for commands that build nothing.
    """
    settled = settle(kind)
    guard = Guard(root, copies=settled not in READ_ONLY, report=report, saved=saved)
    if settled == "none":
        return LocalSandbox(environment, scratch, limits=limits, guard=guard, root=root)
    return CONFINING[settled](environment, scratch, root, limits=limits, guard=guard, cache=cache)


def described(kind: str) -> str:
    """The kind as the screen and the record name it: with what it leaves open here, if that is more than elsewhere."""
    open_here = gap() if kind == LandlockSandbox.name else ""
    return f"{kind} ({open_here})" if open_here else kind


def why_none() -> str:
    """Why no confining sandbox works here, each with its reason."""
    return "; ".join(f"{kind}: {reason}" for kind in CONFINING if (reason := probe(kind)))


@functools.cache
def probe(kind: str) -> str:
    """Why a confining sandbox does not work here, in one line; empty if it does."""
    with tempfile.TemporaryDirectory(prefix="harness-probe-") as folder:
        root = Path(folder) / "root"
        root.mkdir()
        # Neither the environment nor a cache plays a part in whether a command can be confined.
        sandbox = CONFINING[kind](PlainEnvironment(), Path(folder) / "scratch", root, cache=False)
        try:
            finished = sandbox.run(["true"], cwd=root, timeout=10)
        except SandboxError as fault:
            return str(fault)
    return "" if finished.exit_code == 0 else finished.output.strip().replace("\n", " ")
