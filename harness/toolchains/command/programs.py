"""Places of a program that the user's PATH names, as far as code of a model may read them."""

import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.environment import SYSTEM_PATH, holds_home

RUSTUP = "rustup"
"""A program that stands in for others and looks them up in the user's home folder, which no sandbox shows."""
PATIENCE = 20.0
"""Seconds allowed for asking it."""


@dataclass(frozen=True)
class ProgramPlaces:
    """Folders of a program. All are empty for a program of the system, or of the workspace."""

    path: Sequence[Path] = ()
    """Folders that must be on PATH."""
    readable: Sequence[Path] = ()
    installations: Sequence[Path] = ()
    """Folders with `bin` and `lib`, as version managers make one for each version."""


def find_program(program: str) -> ProgramPlaces:
    """Return the places of a program. Nothing that holds the user's home folder is among them: what lies there is
    named by sandbox_paths."""
    if "/" in program and not program.startswith("/"):
        return ProgramPlaces()
    result = behind(Path(shutil.which(program) or ""))
    if not result.is_absolute() or str(result.parent) in SYSTEM_PATH.split(":"):
        return ProgramPlaces()
    if _is_installation(result.parent.parent) and result.parent.name == "bin":
        return ProgramPlaces(installations=(result.parent.parent,))
    if program.startswith("/"):
        return ProgramPlaces((result.parent,), (result, result.resolve()))
    folders = sorted({result.parent, result.resolve().parent})
    return ProgramPlaces((result.parent,), [folder for folder in folders if not holds_home(folder)])


def behind(program: Path) -> Path:
    """Return the program for which rustup stands in; any other as it is."""
    if program.resolve().name != RUSTUP:
        return program
    with suppress(OSError, subprocess.SubprocessError):
        command = [str(program.with_name(RUSTUP)), "which", program.name]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True)
        return Path(done.stdout.strip())
    return program


def _is_installation(folder: Path) -> bool:
    """Return True for a folder of programs with their libraries that is no general place, such as ~/.local."""
    return (folder / "lib").is_dir() and not holds_home(folder) and not holds_home(folder.parent)
