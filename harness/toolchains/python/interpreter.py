"""The interpreter of a task: one that the user names, or the one that runs the harness, with pytest alone."""

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from harness.sandbox.base import SandboxError
from harness.sandbox.environment import cache_folder, holds_home

PATIENCE = 60.0
"""Seconds allowed for an interpreter to describe itself."""
DESCRIBE = """
import json, sys, sysconfig
try:
    import pytest
    version = pytest.__version__
except ImportError:
    version = ""
print(json.dumps({"version": sys.version.split()[0], "prefix": sys.prefix, "base": sys.base_prefix, "path": sys.path,
    "executable": sys.executable, "pytest": version}))
"""
SITES = ("site-packages", "dist-packages")
NEEDED = "pytest"
OWN = "harness"
"""The package of this program, with the solutions of the bundled tasks: no code of a model may read it."""


@dataclass(frozen=True)
class PythonInstallation:
    """A Python interpreter with pytest."""

    python: Path
    version: str
    """Version of Python, such as 3.11.7."""
    pytest: str
    """Version of pytest."""
    readable: tuple[Path, ...]
    """Folders that it needs: its own, that of the Python that it is based on, and those of its packages."""


def find_python(named: str = "") -> PythonInstallation:
    """Return the interpreter that a config names, by its path or that of a virtual environment; without a name, one
    made of the Python that runs this program and of pytest.

    Raises SandboxError, in one line, if there is none, or none with pytest.
    """
    return _described(named or str(_own_environment()), named)


@functools.cache
def _described(path: str, named: str) -> PythonInstallation:
    python = _interpreter(Path(path), named)
    facts = _facts(python, named)
    if not facts["pytest"]:
        raise SandboxError(f"toolchain.python={named}: has no pytest: {python} -m pip install pytest")
    sites = [Path(folder) for folder in facts["path"] if Path(folder).name in SITES and Path(folder).is_dir()]
    # Folders of a virtual environment lie in it; those of an interpreter of the system are seen anyway.
    folders = dict.fromkeys((Path(facts["prefix"]), Path(facts["base"]), *sites))
    if wide := next((folder for folder in folders if holds_home(folder)), None):
        raise SandboxError(f"toolchain.python={named}: {wide} holds your home folder, which code must not see")
    inside = {*sites, *(site for folder in folders for site in folder.glob("lib/python*/site-packages"))}
    if solved := next((site for site in inside if (site / OWN / "_examples").is_dir()), None):
        raise SandboxError(
            f"toolchain.python={named}: {solved} holds this program with the solutions of its tasks: name a virtual "
            "environment without it, or none"
        )
    return PythonInstallation(python, facts["version"], facts["pytest"], tuple(folders))


def _interpreter(path: Path, named: str) -> Path:
    """Return the interpreter at a path, or in the virtual environment at it. A link stays one: it tells Python where
    its packages are."""
    place = path.expanduser().absolute()
    python = place / "bin" / "python" if place.is_dir() else place
    if not python.is_file() or not os.access(python, os.X_OK):
        what = "is no virtual environment: there is no bin/python in it" if place.is_dir() else "is no interpreter"
        raise SandboxError(f"toolchain.python={named}: {what}")
    return python


def _facts(python: Path, named: str) -> dict[str, str]:
    """Return what the interpreter says of itself, outside the sandbox: it is the user's own."""
    try:
        with tempfile.TemporaryDirectory() as folder:
            command = [str(python), "-I", "-c", DESCRIBE]
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=folder, check=True)
        facts: dict[str, str] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise SandboxError(
            f"toolchain.python={named or python}: is no Python that runs ({type(error).__name__})"
        ) from error
    return facts


@functools.cache
def _own_environment() -> Path:
    """Return a virtual environment of the Python that runs this program, with pytest and what that requires; it is made
    once and kept. Nothing else that is installed beside this program is in it."""
    files = dict(_files_of(NEEDED))
    if not files:
        raise SandboxError(
            f"toolchain.python is empty, and {sys.executable}, which runs this program, has no pytest: name an "
            "interpreter or a virtual environment that has it, or install pytest"
        )
    versions = sorted(f"{one.name} {one.version}" for one in _closure(NEEDED))
    key = hashlib.sha256("\n".join([sys.version, sys.base_prefix, *versions]).encode()).hexdigest()[:16]
    place = cache_folder() / "python" / key
    if not (place / "bin" / "python").exists():
        _make(place, files)
    return place


def _make(place: Path, files: dict[str, Path]) -> None:
    """Make the environment beside its place first, so that it appears whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".making-") as work:
        fresh = Path(work) / "environment"
        venv.create(fresh, symlinks=True, with_pip=False)
        [site] = fresh.glob("lib/python*/site-packages")
        for name, source in files.items():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, site / name)
        try:
            fresh.rename(place)
        except OSError as error:  # another process has made it meanwhile
            if not place.is_dir():
                raise SandboxError(f"{place}: cannot be made: {error}") from error


def _closure(name: str) -> list[metadata.Distribution]:
    """Return a distribution and those that it requires here, without their extras."""
    result: dict[str, metadata.Distribution] = {}
    waiting = [name]
    while waiting:
        wanted = waiting.pop().lower().replace("_", "-")
        if wanted in result:
            continue
        try:
            result[wanted] = metadata.distribution(wanted)
        except metadata.PackageNotFoundError:
            continue  # needed on another system, or for an extra
        waiting += [_name_of(line) for line in result[wanted].requires or () if "extra ==" not in line]
    return list(result.values())


def _name_of(requirement: str) -> str:
    end = next((at for at, letter in enumerate(requirement) if not (letter.isalnum() or letter in "-_.")), None)
    return requirement[:end]


def _files_of(name: str) -> Iterator[tuple[str, Path]]:
    """Iterate over the files of a distribution and of those that it requires, by path in site-packages."""
    for distribution in _closure(name):
        for file in distribution.files or ():
            source = Path(str(file.locate()))
            if not str(file).startswith("..") and source.suffix != ".pyc" and source.is_file():
                yield str(file), source
