"""Small Go programs of our own, built once for each toolchain and kept."""

import contextlib
import hashlib
import tempfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from harness.sandbox.base import SandboxError
from harness.sandbox.environment import cache_folder, gate_build_cache
from harness.sandbox.local import LocalSandbox
from harness.sandbox.toolchain import Toolchain

PATIENCE = 300.0
"""Seconds allowed for building one; that takes some only where nothing has been built yet."""


def program(toolchain: Toolchain, source: Traversable, name: str) -> Path | None:
    """The program in a folder of Go files, built if need be; None if this toolchain builds nothing."""
    files = sorted(
        (file for file in source.iterdir() if file.name.endswith((".go", ".mod"))), key=lambda file: file.name
    )
    content = b"".join(file.read_bytes() for file in files)
    key = hashlib.sha256(f"{toolchain.version} {toolchain.go}\n".encode() + content).hexdigest()[:16]
    built = cache_folder() / "programs" / key / name
    if not built.exists():
        built.parent.mkdir(parents=True, exist_ok=True)
        with resources.as_file(source) as folder:
            _build(toolchain, folder, built)
        with contextlib.suppress(OSError):
            built.parent.rmdir()  # if nothing came of it
    return built if built.exists() else None


def _build(toolchain: Toolchain, source: Path, built: Path) -> None:
    with tempfile.TemporaryDirectory(dir=built.parent) as scratch:
        made = Path(scratch) / "made"
        sandbox = LocalSandbox(toolchain, Path(scratch), gate_build_cache())
        command = [str(toolchain.go), "build", "-o", str(made), "."]
        try:
            finished = sandbox.run(command, cwd=source, timeout=PATIENCE)
        except SandboxError:
            return
        # In one step, for another process may be about to start it.
        if finished.exit_code == 0 and made.exists():
            made.replace(built)
