"""Small Go programs of the harness, built once for each toolchain and kept."""

import contextlib
import functools
import hashlib
import tempfile
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.sandbox.base import SandboxError
from harness.sandbox.environment import cache_folder, gate_build_cache
from harness.sandbox.local import LocalSandbox

if TYPE_CHECKING:
    from harness.toolchains.go.installation import GoInstallation

PATIENCE = 300.0
"""Seconds allowed for building one program."""


def program(toolchain: "GoInstallation", source: Traversable, name: str) -> Path | None:
    """Return the program in a folder of Go files, built if necessary; None if this toolchain cannot build it."""
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


@functools.cache
def cache_program(toolchain: "GoInstallation") -> Path | None:
    """Return the program that shares the gate's build cache with confined commands; None if it cannot be built.

    They read the cache and never write it.
    """
    return program(toolchain, resources.files("harness.toolchains.go") / "cache", "cache")


def _build(toolchain: "GoInstallation", source: Path, built: Path) -> None:
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
