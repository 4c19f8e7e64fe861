"""Programs of command agents: where they are, and which folders they need to be run from."""

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.environment import holds_home

OWN_FOLDER = Path(sys.prefix) / "agents" / "bin"
"""Programs that `make agents` installs."""
DEEPEST = 8
"""Interpreters of interpreters that are followed."""
SYSTEM = tuple(map(Path, ("/usr", "/bin", "/sbin", "/lib", "/lib64")))
"""Folders that every sandbox shows."""


class AgentMissing(Exception):  # noqa: N818 - a state of the machine
    """A program of an agent that is not installed; the text is one line."""


@dataclass(frozen=True)
class AgentProgram:
    """An installed program with all that has to be in sight to run it."""

    path: Path
    """The program, links resolved."""
    folders: tuple[Path, ...]
    """Folders of the interpreters that are looked up on PATH."""
    readable: tuple[Path, ...]
    """Folders and files outside the system's own that hold them."""


def locate(name: str) -> AgentProgram:
    """Return the program of this name or path, looked up as a shell does. Raises AgentMissing."""
    path = _which(name)
    if path is None:
        raise AgentMissing(f"{name}: not found, or not executable")
    real = path.resolve()
    chain, folders = [real], dict[Path, None]()
    for interpreter, written in _interpreters(real):
        chain.append(interpreter)
        if "/" not in written and not is_system(interpreter.parent):
            folders[interpreter.parent] = None
    readable = dict.fromkeys(root for part in chain for root in _roots(part) if not is_system(root))
    return AgentProgram(real, tuple(folders), tuple(readable))


def _which(name: str) -> Path | None:
    search = os.pathsep.join((str(OWN_FOLDER), os.environ.get("PATH", os.defpath)))
    found = shutil.which(name, path=search)
    return Path(found).absolute() if found else None


def _interpreters(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the interpreters that the first lines name, each with that name."""
    for _ in range(DEEPEST):
        name = _interpreter(path)
        if not name:
            return
        following = _which(name)
        if following is None:
            raise AgentMissing(f"{name}: not found, or not executable, and {path} is run by it")
        path = following.resolve()
        if "/" in name:
            yield following, name
        yield path, name


def _interpreter(path: Path) -> str:
    """Return the interpreter of a script, as it has to be looked up; empty for a program that needs none."""
    try:
        with path.open("rb") as file:
            line = file.readline(1024)
    except OSError as error:
        raise AgentMissing(f"{path}: cannot be read: {error.strerror}") from error
    words = shlex.split(line[2:].decode(errors="replace")) if line.startswith(b"#!") else []
    if words and Path(words[0]).name == "env":
        return next((word for word in words[1:] if not word.startswith("-") and "=" not in word), "")
    return words[0] if words else ""


def _roots(path: Path) -> Iterator[Path]:
    """Yield what has to be in sight for a program: its installation, as npm, virtual environments and others lay it."""
    parts = path.parts
    if "node_modules" in parts:
        yield Path(*parts[: parts.index("node_modules") + 1])
        return
    environment = next((folder for folder in path.parents if (folder / "pyvenv.cfg").is_file()), None)
    if environment is not None:
        yield environment
        base = _base_of(environment)
        if base is not None:
            yield base
        return
    folder = path.parent.parent if path.parent.name == "bin" and _is_interpreter(path) else path.parent
    yield path if holds_home(folder) else folder


def _is_interpreter(path: Path) -> bool:
    """Return True for a Python, whose library lies beside its folder of programs."""
    return any(path.parent.parent.glob("lib/python3*")) and path.name.startswith("python")


def _base_of(environment: Path) -> Path | None:
    """Return the installation that a virtual environment was made from."""
    for line in (environment / "pyvenv.cfg").read_text(errors="replace").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home" and value.strip():
            folder = Path(value.strip())
            return folder.resolve().parent if folder.name == "bin" else folder
    return None


def is_system(path: Path) -> bool:
    """Return True for a path in a folder that every sandbox shows."""
    return any(path == folder or folder in path.parents for folder in SYSTEM)
