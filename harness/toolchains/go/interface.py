"""The exported interface of a package."""

from collections.abc import Callable
from pathlib import Path

from harness.sandbox.base import Sandbox, SandboxError

LONGEST_INTERFACE = 64 << 10
"""Most bytes of an interface."""


def interface_by(sandbox: Sandbox, go: Path, root: Path, timeout: float) -> Callable[[str], str | None]:
    """Return the `go doc` text of a package under the root."""

    def interface(folder: str) -> str | None:
        argv = [str(go), "doc", "-all", f"./{folder}"]
        try:
            finished = sandbox.run(argv, cwd=root, timeout=timeout, max_output=LONGEST_INTERFACE)
        except SandboxError:
            return None
        return finished.output if finished.exit_code == 0 and "func " in finished.output else None

    return interface
