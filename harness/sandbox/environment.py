"""The environment of commands: built from nothing, so that nothing of the operator's can leak into it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from harness.trees import clear, walk

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
PREPARED = [".config", ".config/go", ".config/go/telemetry", ".config/go/telemetry/mode"]
"""Content of a fresh home."""
TELEMETRY = "off\n"


@dataclass(frozen=True)
class PrivateFolders:
    """Home, temporary folder and build cache of a command."""

    home: Path
    tmp: Path
    build_cache: Path

    def prepare(self) -> None:
        """Make the folders, private to this user, and switch Go's telemetry off for this home."""
        for folder in (self.home, self.tmp, self.build_cache):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        mode = self.home / PREPARED[-1]
        if not mode.exists():
            mode.parent.mkdir(parents=True, exist_ok=True)
            mode.write_text(TELEMETRY)

    def clean(self) -> None:
        """Leave nothing in home and temporary folder but what is put there at first."""
        if self._untouched():
            return
        for folder in (self.home, self.tmp):
            clear(folder)
        self.prepare()

    def _untouched(self) -> bool:
        """Most commands leave nothing behind, and looking is far cheaper than making everything anew."""
        if not self.build_cache.is_dir() or _holds(self.tmp) != [] or _holds(self.home) != PREPARED:
            return False
        mode = self.home / PREPARED[-1]
        return not mode.is_symlink() and mode.read_text() == TELEMETRY


def _holds(folder: Path) -> list[str] | None:
    """Everything in a folder, by path; None if it is no folder that can be read."""
    if folder.is_symlink() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return None
    return sorted(entry.name for entry in walk(folder))


def c_compiler() -> str | None:
    """Return the C compiler that cgo would use, which a command can call, or None."""
    return shutil.which("gcc", path=SYSTEM_PATH)


def build_environment(go: Path, places: PrivateFolders, *, cgo: bool = False) -> dict[str, str]:
    """Return the environment of a command: paths, and Go's settings pinned so that none can be changed.

    Neither a go.env file, nor a go.work around the workspace, nor a toolchain line in go.mod has any effect,
    and nothing is fetched from anywhere.
    """
    goroot = go.resolve().parent.parent
    # Go finds this by itself, but not where there is no /proc.
    told = {"GOROOT": str(goroot)} if (goroot / "src" / "runtime").is_dir() else {}
    return told | {
        "PATH": f"{go.parent}:{SYSTEM_PATH}",
        "HOME": str(places.home),
        "TMPDIR": str(places.tmp),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
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
        "CGO_ENABLED": "1" if cgo else "0",
    }


def cache_folder() -> Path:
    """Return the cache folder, whose content can always be made again: `~/.cache/harness-sweeps`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).resolve() / "harness-sweeps"


def default_build_cache() -> Path:
    """Return Go's build cache for unconfined commands of this user."""
    return cache_folder() / "go-build"


def gate_build_cache() -> Path:
    """Return Go's build cache of the gate. No command that runs the model's code may write there."""
    return cache_folder() / "gate-build"
