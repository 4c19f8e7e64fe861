"""The Rust of this machine: the cargo and the rustc that PATH names, behind rustup if that stands in for them."""

import functools
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.base import SandboxError
from harness.toolchains.command.programs import behind

OLDEST = (1, 63)
PATIENCE = 60.0
"""Seconds allowed for asking for versions."""
LINKER = ("-C", "link-arg=-fuse-ld=bfd") if Path("/usr/bin/ld.bfd").exists() else ()
"""Flags for the system's linker. Rust's own finds itself through /proc, which not every sandbox has."""
HINT = "install Rust 1.63 or newer (rustup, or the system's packages cargo and rustc)"


@dataclass(frozen=True)
class RustInstallation:
    """A cargo with its rustc."""

    cargo: Path
    rustc: Path
    version: str
    """Version, such as 1.95.0 or 1.97.0-nightly."""
    root: Path
    """Folder of the standard library."""

    @property
    def numbers(self) -> tuple[int, int]:
        """Return the first two numbers of the version."""
        return numbers_of(self.version)

    @property
    def stable(self) -> bool:
        """Return True for a release, in which no unfinished feature of the language can be switched on."""
        return re.fullmatch(r"[\d.]+", self.version) is not None


def numbers_of(version: str) -> tuple[int, int]:
    """Return the first two numbers of a version; zeros if it has none."""
    match = re.match(r"(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else (0, 0)


@functools.cache
def find_rust() -> RustInstallation:
    """Return the Rust on PATH. Raises SandboxError, in one line, if there is none that is new enough."""
    programs = [behind(Path(shutil.which(name) or "")) for name in ("cargo", "rustc")]
    if not all(program.is_absolute() for program in programs):
        raise SandboxError(f"cargo or rustc was not found on PATH: {HINT}")
    cargo, rustc = programs
    version = re.match(r"rustc (\S+)", _output([str(rustc), "--version"]))
    if version is None or numbers_of(version[1]) < OLDEST:
        raise SandboxError(f"{rustc} is {version[1] if version else 'no rustc that starts'}: {HINT}")
    return RustInstallation(cargo, rustc, version[1], Path(_output([str(rustc), "--print", "sysroot"]).strip()))


def _output(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(f"{command[0]} does not start ({error}): {HINT}") from error
