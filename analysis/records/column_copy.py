"""Columnar copies of large ledgers: what is counted of their lines, in Parquet files beside them.

A copy answers for the bytes that it was made from, and is never believed without a check: of the ledger, by its state
in the file system or by a checksum over all those bytes, and of its own files, by their hashes. Whatever is wrong with
it, the ledger is read instead.
"""

import hashlib
import json
import os
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import duckdb

FOLDER = ".columns"
"""Folder beside a ledger; a file of this name keeps copies away."""

LEAST_BYTES = 32_000_000
"""Size from which a ledger is copied: some tens of thousands of lines."""

LEAST_GROWTH = 0.1
"""Share of what is copied by which a ledger must grow before its copy is extended."""

MOST_PARTS = 32
"""Parts from which a copy is made anew."""

SETTLED = 3.0
"""Seconds after which a file that changes again is seen to have changed, in every file system."""

ABANDONED = 3600.0
"""Seconds after which a file that no manifest names was left by a process that ended."""

_BLOCK = 1 << 20


@dataclass(frozen=True)
class FileState:
    """State of a file by which a change is noticed."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> "FileState":
        """Read the state of a file; raises OSError."""
        status = path.stat()
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @property
    def is_settled(self) -> bool:
        """Return whether the next change will show: times of files are coarse."""
        return time.time() - max(self.modified, self.changed) / 1e9 > SETTLED


@dataclass(frozen=True)
class CopyPart:
    """Two files: kinds of runs, and runs with their kinds."""

    name: str
    kinds_sha256: str
    lines_sha256: str


@dataclass(frozen=True)
class CopyManifest:
    """All that is known of a copy."""

    layout: str
    """Fields that were read of each line, and the release of DuckDB that read them; another layout is no copy."""
    covered: int
    """Bytes at the ledger's beginning that are copied: whole lines."""
    checksum: int
    """CRC-32 of these bytes."""
    parts: tuple[CopyPart, ...]
    state: FileState | None
    """State of the ledger in which the bytes were last compared; None if it had changed just before."""


class ColumnCopy:
    """The copy of one ledger."""

    def __init__(self, ledger: Path, layout: str) -> None:
        """`layout` is the SQL that reads the lines."""
        self.ledger = ledger
        self._layout = hashlib.sha256(f"{duckdb.__version__}\n{layout}".encode()).hexdigest()
        self._folder = ledger.parent / FOLDER / ledger.name
        self._manifest = self._folder / "manifest.json"

    @property
    def is_wanted(self) -> bool:
        """Return whether the ledger is large enough, and a copy has a place or is there."""
        try:
            if self.ledger.stat().st_size < LEAST_BYTES:
                return False
            home = self._folder.parent
            is_free = home.is_dir() or not home.exists()
            place = home if home.exists() else self.ledger.parent
            return self._manifest.is_file() or (is_free and os.access(place, os.W_OK))
        except OSError:
            return False

    def read(self) -> CopyManifest | None:
        """Return the manifest of a copy that answers for the ledger's first bytes; None if there is none."""
        try:
            state = FileState.of(self.ledger)
            manifest = self._load()
            if manifest.layout != self._layout or manifest.covered > state.size or len(manifest.parts) > MOST_PARTS:
                return None
            if any(not self._is_whole(part) for part in manifest.parts):
                return None
            if manifest.state != state:
                if checksum(self.ledger, 0, manifest.covered) != manifest.checksum:
                    return None
                manifest = replace(manifest, state=state if state.is_settled else None)
                with suppress(OSError):
                    self._save(manifest)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None
        return manifest

    def files(self, part: CopyPart) -> tuple[Path, Path]:
        """Return the files of a part: kinds and lines."""
        return self._folder / f"{part.name}.kinds.parquet", self._folder / f"{part.name}.lines.parquet"

    def write(
        self,
        connection: duckdb.DuckDBPyConnection,
        kinds: str,
        lines: str,
        state: FileState,
        before: CopyManifest | None = None,
    ) -> CopyPart | None:
        """Copy tables that were read from the ledger's bytes after those of `before`, up to its size in a state.

        Returns None where the ledger has changed meanwhile; raises OSError and duckdb.Error where it cannot be written.
        """
        covered = before.covered if before else 0
        total = checksum(self.ledger, covered, state.size, before.checksum if before else 0)
        self._folder.mkdir(parents=True, exist_ok=True)
        ignore = self._folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        part = CopyPart(uuid.uuid4().hex, "", "")
        for table, path in zip((kinds, lines), self.files(part), strict=True):
            connection.execute(f"COPY {table} TO '{str(path).replace(chr(39), 2 * chr(39))}' (FORMAT parquet)")
        part = replace(part, **dict(zip(("kinds_sha256", "lines_sha256"), map(_sha256, self.files(part)), strict=True)))
        if FileState.of(self.ledger) != state:
            self._delete(part)
            return None
        parts = (*(before.parts if before else ()), part)
        self._save(CopyManifest(self._layout, state.size, total, parts, state if state.is_settled else None))
        self._clean(parts)
        return part

    def _load(self) -> CopyManifest:
        stored = json.loads(self._manifest.read_text(encoding="utf-8"))
        text = json.dumps(stored["manifest"], sort_keys=True)
        if hashlib.sha256(text.encode()).hexdigest() != stored["sha256"]:
            raise ValueError("the manifest was changed")
        fields = stored["manifest"]
        state = FileState(**fields.pop("state")) if fields["state"] else fields.pop("state")
        return CopyManifest(parts=tuple(CopyPart(**part) for part in fields.pop("parts")), state=state, **fields)

    def _save(self, manifest: CopyManifest) -> None:
        """Put a manifest in its place whole, whoever else writes one."""
        plain = json.loads(json.dumps(asdict(manifest)))
        text = json.dumps(plain, sort_keys=True)
        whole = {"manifest": plain, "sha256": hashlib.sha256(text.encode()).hexdigest()}
        written = self._folder / f"{uuid.uuid4().hex}.json"
        try:
            written.write_text(json.dumps(whole), encoding="utf-8")
            written.replace(self._manifest)
        finally:
            written.unlink(missing_ok=True)

    def _is_whole(self, part: CopyPart) -> bool:
        kinds, lines = self.files(part)
        return _sha256(kinds) == part.kinds_sha256 and _sha256(lines) == part.lines_sha256

    def _delete(self, part: CopyPart) -> None:
        for path in self.files(part):
            path.unlink(missing_ok=True)

    def _clean(self, parts: tuple[CopyPart, ...]) -> None:
        """Delete what no manifest names, but for files that another process may be writing."""
        kept = {self._manifest, *(path for part in parts for path in self.files(part))}
        for path in self._folder.iterdir():
            with suppress(OSError):
                if path not in kept and time.time() - path.stat().st_mtime > ABANDONED:
                    path.unlink()


def checksum(path: Path, start: int, end: int, before: int = 0) -> int:
    """CRC-32 of some bytes of a file, going on from that of the bytes before; raises OSError if they are not there."""
    for block in blocks(path, start, end):
        before = zlib.crc32(block, before)
    return before


def blocks(path: Path, start: int, end: int) -> Iterator[memoryview]:
    """Yield some bytes of a file, each block only until the next; raises OSError if they are not there."""
    buffer = memoryview(bytearray(_BLOCK))
    with path.open("rb") as file:
        file.seek(start)
        while start < end:
            read = file.readinto(buffer[: min(_BLOCK, end - start)])
            if not read:
                raise OSError(f"{path}: is shorter than before")
            start += read
            yield buffer[:read]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
