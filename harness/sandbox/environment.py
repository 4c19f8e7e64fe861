"""The environment of commands: built from nothing, so that nothing of the operator's can leak into it."""

import os
import pwd
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol

from harness.sandbox.base import SandboxError
from harness.trees import clear, walk

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class PrivateFolders:
    """Home, temporary folder and build cache of a command."""

    home: Path
    tmp: Path
    build_cache: Path
    files: Mapping[str, str] = field(default_factory=dict)
    """Files of a fresh home, by path."""

    def prepare(self) -> None:
        """Make the folders, private to this user, with the files of a fresh home."""
        for folder in (self.home, self.tmp, self.build_cache):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path, text in self.files.items():
            file = self.home / path
            if not file.exists():
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)

    def clean(self) -> None:
        """Leave nothing in home and temporary folder but what is put there at first."""
        if self._untouched():
            return
        for folder in (self.home, self.tmp):
            clear(folder)
        self.prepare()

    def _untouched(self) -> bool:
        """Most commands leave nothing behind, and looking is far cheaper than making everything anew."""
        if not self.build_cache.is_dir() or _holds(self.tmp) != [] or _holds(self.home) != self._fresh():
            return False
        files = {self.home / path: text for path, text in self.files.items()}
        return all(not file.is_symlink() and file.read_text() == text for file, text in files.items())

    def _fresh(self) -> list[str]:
        """Return all entries of a fresh home, by path."""
        folders = {str(parent) for path in self.files for parent in PurePosixPath(path).parents} - {"."}
        return sorted({*self.files, *folders})


def _holds(folder: Path) -> list[str] | None:
    """Everything in a folder, by path; None if it is no folder that can be read."""
    if folder.is_symlink() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return None
    return sorted(entry.name for entry in walk(folder))


@dataclass(frozen=True)
class SharedCache:
    """A build cache that confined commands read and cannot write."""

    readable: Sequence[Path] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


class CommandEnvironment(Protocol):
    """Programs, folders and variables of a toolchain's commands, beside those of the system."""

    @property
    def path(self) -> Sequence[Path]:
        """Return folders of programs, which are searched before those of the system."""
        ...

    @property
    def readable(self) -> Sequence[Path]:
        """Return folders and files outside the workspace that a confined command can read."""
        ...

    @property
    def proc(self) -> bool:
        """Return True if commands may have a /proc of their own. Through it a process writes to its own memory, which
        matters where a proof lies there."""
        ...

    @property
    def home_files(self) -> Mapping[str, str]:
        """Return the files of a fresh home, by path."""
        ...

    @property
    def build_cache(self) -> Path:
        """Return the build cache of unconfined commands of this user."""
        ...

    def variables(self, places: PrivateFolders) -> dict[str, str]:
        """Return the variables of a command, beside those that every command has."""
        ...

    def shared_cache(self, own: Path) -> SharedCache:
        """Return the cache that a confined command reads beside its own at the path `own`."""
        ...


@dataclass(frozen=True)
class PlainEnvironment:
    """Environment of commands that need folders of programs and nothing else."""

    path: Sequence[Path] = ()
    readable: Sequence[Path] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    """Variables, beside those that every command has."""
    builds: Mapping[str, str] = field(default_factory=dict)
    """Variables that name a folder of the build cache, each with the name of its folder."""
    proc: bool = False

    @property
    def home_files(self) -> Mapping[str, str]:
        return {}

    @property
    def build_cache(self) -> Path:
        return cache_folder() / "build"

    def variables(self, places: PrivateFolders) -> dict[str, str]:
        return {**self.settings, **{name: str(places.build_cache / folder) for name, folder in self.builds.items()}}

    def shared_cache(self, own: Path) -> SharedCache:  # noqa: ARG002
        return SharedCache()


@dataclass(frozen=True)
class WidenedEnvironment:
    """An environment with more folders: commands read them, and find the programs in them and in their `bin`."""

    base: CommandEnvironment
    folders: Sequence[Path]

    @property
    def path(self) -> Sequence[Path]:
        places = [place for folder in self.folders for place in (folder / "bin", folder)]
        return [*places, *self.base.path]

    @property
    def readable(self) -> Sequence[Path]:
        return [*self.base.readable, *self.folders]

    @property
    def proc(self) -> bool:
        return self.base.proc

    @property
    def home_files(self) -> Mapping[str, str]:
        return self.base.home_files

    @property
    def build_cache(self) -> Path:
        return self.base.build_cache

    def variables(self, places: PrivateFolders) -> dict[str, str]:
        # Programs find their own libraries through /proc, which not every sandbox has.
        libraries = [str(folder / "lib") for folder in self.folders if (folder / "lib").is_dir()]
        result = {"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}
        return result | self.base.variables(places)

    def shared_cache(self, own: Path) -> SharedCache:
        return self.base.shared_cache(own)


def variables_of(environment: CommandEnvironment, places: PrivateFolders) -> dict[str, str]:
    """Return all variables of a command."""
    return environment.variables(places) | {
        "PATH": ":".join([*map(str, environment.path), SYSTEM_PATH]),
        "HOME": str(places.home),
        "TMPDIR": str(places.tmp),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


def holds_home(folder: Path) -> bool:
    """Return True if a folder is, or holds, the home folder of the user, as the environment or the system has it."""
    homes = [Path("/"), Path(os.environ.get("HOME") or "/")]
    with suppress(KeyError):
        homes.append(Path(pwd.getpwuid(os.getuid()).pw_dir))
    return any(home.resolve().is_relative_to(folder.resolve()) for home in homes)


def cache_folder() -> Path:
    """Return the cache folder, whose content can always be made again: `~/.cache/harness-sweeps`."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base).resolve() / "harness-sweeps"


def require_cache() -> None:
    """Raises SandboxError, in one line, unless something can be kept in the cache folder."""
    try:
        folder = cache_folder()
    except RuntimeError as error:  # no home folder, neither in the environment nor in the system's list of users
        raise SandboxError("there is no home folder to keep a cache in: set XDG_CACHE_HOME to a folder") from error
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SandboxError(
            f"the cache folder {folder} cannot be written ({error.strerror}): set XDG_CACHE_HOME to a folder that can"
        ) from error


def gate_build_cache() -> Path:
    """Return the build cache of the gate. No command that runs the model's code may write there."""
    return cache_folder() / "gate-build"
