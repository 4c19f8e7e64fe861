"""The log folder: the only place that knows the paths of what runs leave behind."""

import fcntl
import io
import json
import os
import re
import secrets
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.config import ConfigError, RunConfig, digest
from harness.ledger import Ledger, LedgerError, storable


class RunFolder:
    """`runs/<run_id>/`: the config, the transcript, what the subject left and, once it is over, the record.

    A folder without a record belongs to a run that is under way or was killed: it is never a result.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_id = path.name
        self.config = path / "config.json"
        self.transcript = path / "transcript.jsonl"
        self.workspace = path / "workspace"
        self.patch = path / "changes.patch"
        self.record = path / "record.json"

    def write_patch(self, patch: bytes) -> None:
        """Write the patch whole or not at all."""
        part = self.patch.with_suffix(".part")
        part.write_bytes(patch)
        part.replace(self.patch)

    def write_record(self, line: dict[str, Any]) -> None:
        """Write the record whole or not at all."""
        part = self.record.with_suffix(".part")
        part.write_text(json.dumps(line, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(self.record)


class Outputs:
    """The log folder of a sweep."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.runs = self.root / "runs"
        self.work = self.root / "work"
        self.folders = self.root / "folders"
        self.sweeps = self.root / "sweeps"
        self.claims = self.root / "claims.lock"
        self.ledger = Ledger(self.root / "runs.jsonl")

    def folder(self, run_id: str) -> RunFolder:
        """Return the folder of a run."""
        return RunFolder(self.runs / run_id)

    def check(self) -> None:
        """Raises ConfigError if nothing can be written there."""
        self.check_ledger(os.O_RDWR | os.O_APPEND)
        try:
            self.runs.mkdir(parents=True, exist_ok=True)
            for folder in (self.root, self.runs):
                probe = folder / f".probe-{secrets.token_hex(4)}"
                probe.touch()
                probe.unlink()
            for folder in (self.work, self.sweeps):
                folder.mkdir(exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> ConfigError:
        return ConfigError(f"log_dir={self.root}: cannot be written: {error.strerror}")

    def check_ledger(self, flags: int = os.O_RDONLY) -> None:
        """Raises ConfigError if the ledger is there and cannot be opened so."""
        path = self.ledger.path
        try:
            if path.exists() and not path.is_file():
                raise ConfigError(f"log_dir={self.root}: its ledger {path} must be a file")
            os.close(os.open(path, flags))
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            how = "read" if flags == os.O_RDONLY else "written"
            raise ConfigError(f"log_dir={self.root}: its ledger {path} cannot be {how}: {error.strerror}") from error

    def new_run(self, config: RunConfig) -> RunFolder:
        """A fresh folder for one run, with the resolved config in it.

        Raises ConfigError if there can be no record. All else that a run needs is missed within it, as a fault.
        """
        self.check_ledger(os.O_RDWR | os.O_APPEND)
        started = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
        folder = self.folder(f"{started}-{secrets.token_hex(4)}")
        try:
            folder.path.mkdir(parents=True)
            folder.config.write_text(json.dumps(config.as_dict(), indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise self._unwritable(error) from error
        return folder

    def finish(self, folder: RunFolder, line: dict[str, Any]) -> None:
        """Record a run: in its folder and in the ledger, both under the ledger's lock.

        The folder comes first, so that a kill between the two leaves a record that `recover` finds. Raises
        LedgerError if the ledger could not be written; its text says where the record is, which may be nowhere
        but in that text.
        """
        line = storable(line)
        safe = "the record: " + json.dumps(line, ensure_ascii=False)
        try:
            with self.ledger.locked() as append:
                with suppress(OSError):
                    folder.write_record(line)
                    safe = f"the record lies in {folder.record}, and the next sweep brings it in"
                append(line)
        except LedgerError as error:
            raise LedgerError(error.errno, f"{error.strerror}; {safe}") from error

    def adopt(self, run_id: str, parcel: bytes, line: dict[str, Any]) -> None:
        """Record a run that was made elsewhere, with the files that it left. Raises what `finish` raises."""
        folder = self.folder(run_id)
        folder.path.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):  # without room for its files there may still be room for its line
            unpack(parcel, folder.path)
        self.finish(folder, line)

    def recover(self) -> int:
        """Bring records into the ledger that a kill or a full disk kept out of it; returns how many."""
        if not self.runs.is_dir():
            return 0
        with self.ledger.locked() as append:
            known = {line.get("run_id") for line in self.ledger.read()}
            lost = [self.folder(path.name) for path in sorted(self.runs.iterdir()) if path.name not in known]
            folders = [folder for folder in lost if folder.record.exists()]
            for folder in folders:
                append(json.loads(folder.record.read_text(encoding="utf-8")))
        return len(folders)

    def folder_copy(self, name: str, sha256: str) -> Path:
        """Return the place of the copy of a folder of the user's own, by its name and the hash of its content."""
        return self.folders / f"{_as_file_name(name)}-{sha256[:16]}"

    @contextmanager
    def workspace(self, config: RunConfig, on_wait: Callable[[Path], None]) -> Iterator[Path]:
        """The folder that the subject works in, held against other runs.

        A bundled task has one stable path, since Go's build cache keys on it; a run that finds it taken
        tells `on_wait` and waits.
        """
        if config.task.in_place:
            path = Path(config.task.workdir).resolve()
            lock = self.work / f"folder-{digest(str(path))[:16]}.lock"
        else:
            # The name of a task in a set has slashes, and no other character of it is a plus.
            name = config.task.name.replace("/", "+")
            if config.task.own_folder:
                name = (
                    f"folder-{_as_file_name(config.task.title)}-{digest(str(Path(config.task.workdir).resolve()))[:8]}"
                )
            path, lock = self.work / name, self.work / f"{name}.lock"
        self.work.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait(path)
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield path
        finally:
            os.close(descriptor)


def _as_file_name(name: str) -> str:
    """Return a name of any kind as one that every file system takes."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)[:40]


MOST_PARCEL_BYTES = 64 << 20
"""Largest size of a parcel in bytes. Transcripts shrink to a tenth and workspaces are small, so few runs reach it."""


def pack(folder: Path, most_bytes: int = MOST_PARCEL_BYTES) -> tuple[bytes, tuple[str, ...]]:
    """Pack the files of a run's folder to travel between machines; return the bytes and the names that did not fit.

    The workspace is left out first.
    """
    left: tuple[str, ...] = ()
    for without in ("", "workspace", "transcript.jsonl"):
        left = (*left, without) if without else left
        packed = _packed(folder, left)
        if len(packed) <= most_bytes:
            break
    return packed, left


def unpack(parcel: bytes, folder: Path) -> None:
    """Put the files into a folder. Paths outside it and anything but regular files are skipped."""
    root = folder.resolve()
    try:
        with tarfile.open(fileobj=io.BytesIO(parcel), mode="r:gz") as files:
            for member in files:
                path = (root / member.name).resolve()
                content = files.extractfile(member) if member.isreg() and root in path.parents else None
                if content is not None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as file:
                        shutil.copyfileobj(content, file)
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise OSError(f"a parcel cannot be read: {error}") from error


def _packed(folder: Path, without: tuple[str, ...]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6) as files:
        for path in sorted(folder.iterdir()):
            if path.name not in without:
                files.add(path, path.name)
    return buffer.getvalue()
