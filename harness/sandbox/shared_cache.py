"""The program through which confined commands share what the gate has built: read by all, written by none of them."""

import contextlib
import functools
import hashlib
import tempfile
from importlib import resources
from pathlib import Path

from harness.sandbox.base import SandboxError
from harness.sandbox.environment import cache_folder, gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.sandbox.toolchain import Toolchain

PATIENCE = 300.0
"""Seconds allowed for building it; that takes some only where nothing has been built yet."""


@functools.cache
def cache_program(toolchain: Toolchain) -> Path | None:
    """The program, built if need be; None if this toolchain builds nothing, so that there is nothing to share."""
    source = resources.files("harness.sandbox") / "cache"
    content = b"".join((source / name).read_bytes() for name in ("go.mod", "main.go"))
    key = hashlib.sha256(f"{toolchain.version} {toolchain.go}\n".encode() + content).hexdigest()[:16]
    program = cache_folder() / "programs" / key / "cache"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        with resources.as_file(source) as folder:
            _build(toolchain, folder, program)
        with contextlib.suppress(OSError):
            program.parent.rmdir()  # if nothing came of it
    return program if program.exists() else None


def _build(toolchain: Toolchain, source: Path, program: Path) -> None:
    with tempfile.TemporaryDirectory(dir=program.parent) as scratch:
        made = Path(scratch) / "made"
        sandbox = LocalSandbox(toolchain, Path(scratch), gate_build_cache())
        command = [str(toolchain.go), "build", "-o", str(made), "."]
        try:
            finished = sandbox.run(command, cwd=source, timeout=PATIENCE)
        except SandboxError:
            return
        # In one step, for another process may be about to start it.
        if finished.exit_code == 0 and made.exists():
            made.replace(program)
