"""Runs of some ledgers and of the folders beside them, followed as they grow."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.pages.rows import RunRow, identity, open_row
from analysis.pages.run_page import RunDocument, planned_line, run_document
from analysis.records.transcripts import StoredRun, TranscriptPasses, read_transcript
from harness.outputs import Outputs, RunFolder

SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
"""Ids that may be the name of a folder; any other id of a ledger has a line and no folder."""

LARGEST = 32_000_000
"""Bytes of a transcript that is shown; a longer one is named with its path."""


@dataclass(frozen=True)
class LinePlace:
    """The place of a line: its ledger, and where it begins and ends there."""

    ledger: Path
    start: int
    size: int


class LedgerTail:
    """One ledger, read from where the last reading ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.torn = 0
        """Lines so far that are no JSON object."""
        self._end = 0

    def new(self) -> Iterator[tuple[LinePlace, dict[str, Any]]]:
        """Yield the whole lines that were appended since the last call. A ledger that shrank is read anew."""
        try:
            size = self.path.stat().st_size
            file = self.path.open("rb")
        except OSError:
            return
        with file:
            if size < self._end:
                self._end = 0
            file.seek(self._end)
            for raw in file:
                line = _object(raw)
                if line is None and not raw.endswith(b"\n"):
                    break  # it is being written, or was torn: it counts once its end is there
                place = LinePlace(self.path, self._end, len(raw))
                self._end += len(raw)
                if line is not None:
                    yield place, line
                else:
                    self.torn += bool(raw.strip())


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None


class RunLibrary:
    """All runs by id: those on a ledger, and folders without a record."""

    def __init__(self, ledgers: Sequence[Path], *, awaited: bool = False) -> None:
        """Read the ledgers; `awaited` ones only in `look`, and they may come later, into a folder that is there.

        Raises AnalysisError for one that is missing.
        """
        for path in ledgers:
            if not path.is_file() and not (awaited and path.parent.is_dir() and not path.exists()):
                raise AnalysisError(f"{path}: no such ledger; a sweep writes it, or name yours with --runs")
        self._tails = [LedgerTail(path) for path in dict.fromkeys(ledgers)]
        self._outputs = {path: Outputs(path.parent) for path in dict.fromkeys(ledgers)}
        self._places: dict[str, LinePlace] = {}
        self._listed: dict[Path, tuple[int, dict[str, Path]]] = {}
        self.unrecorded: dict[str, Path] = {}
        """Run folders that are on no ledger, newest first: under way, or killed."""
        self._open_rows: dict[str, str] = {}
        self.rows: list[RunRow] = []
        """One a line, in the order of the ledgers."""
        if not awaited:
            self.look()

    @property
    def torn(self) -> int:
        """Lines that are no JSON object."""
        return sum(tail.torn for tail in self._tails)

    def look(self) -> list[tuple[RunRow, dict[str, Any]]]:
        """Read what was appended since the last call; return the new rows, each with its line."""
        new = []
        for tail in self._tails:
            for place, line in tail.new():
                run_id = identity(line)
                row = RunRow.of(run_id, line, repeated=run_id in self._places)
                self._places.setdefault(run_id, place)
                self.rows.append(row)
                new.append((row, line))
        left = {
            name: path for outputs in self._outputs.values() for name, path in self._unrecorded(outputs.runs).items()
        }
        self.unrecorded = dict(sorted(left.items(), reverse=True))
        return new

    def _unrecorded(self, folder: Path) -> dict[str, Path]:
        try:
            changed = folder.stat().st_mtime_ns
        except OSError:
            return {}
        known = self._listed.get(folder)
        # With 100,000 folders a listing takes long: the folder's own time says whether one came.
        if known is None or known[0] != changed:
            names = {name for name in os.listdir(folder) if name not in self._places}  # noqa: PTH208 - names, no paths
            paths = {name: folder / name for name in names if SAFE.fullmatch(name)}
            known = changed, {name: path for name, path in paths.items() if path.is_dir() and not path.is_symlink()}
        left = {name: path for name, path in known[1].items() if name not in self._places}
        self._listed[folder] = known[0], left
        return left

    def open_rows(self, most: int | None = None) -> list[str]:
        """Return the rows of the folders without a record, the newest first."""
        newest = list(self.unrecorded.items())[:most]
        rows = {
            run_id: self._open_rows.get(run_id) or open_row(run_id, planned_line(RunFolder(path)))
            for run_id, path in newest
        }
        self._open_rows = rows
        return list(rows.values())

    def run(self, run_id: str) -> StoredRun:
        """Return a run by its id. Raises KeyError if it is none of these."""
        place = self._places.get(run_id)
        if place is None:
            return StoredRun(None, RunFolder(self.unrecorded[run_id]))
        folder = self._outputs[place.ledger].folder(run_id if SAFE.fullmatch(run_id) else "-")
        return StoredRun(_line_at(place), folder)

    def transcript_file(self, run: StoredRun) -> tuple[Path | None, str]:
        """Return the transcript of a run, if it is a file of the log folder that is not too long; else say why not."""
        path = run.folder.transcript
        try:
            real = path.resolve(strict=True)
            inside, size = real.is_relative_to(run.folder.path.parent.parent.resolve()), real.stat().st_size
        except OSError:
            return None, "No transcript is beside this record: only the record is shown."
        if not inside or not real.is_file():
            return None, "The transcript is no file of the log folder: it is not read."
        if size > LARGEST:
            return None, f"The transcript is too long to be shown ({size:,} bytes): {path}"
        return real, ""

    def transcript(self, run: StoredRun) -> tuple[TranscriptPasses | None, str]:
        """Return the transcript of a run, and why there is none."""
        path, missing = self.transcript_file(run)
        try:
            return None if path is None else read_transcript(path), missing
        except OSError as error:
            return None, f"The transcript cannot be read: {error.strerror}"

    def document(self, run_id: str) -> RunDocument:
        """Return the page of a run with its steps. Raises KeyError if it is none of these."""
        run = self.run(run_id)
        transcript, missing = self.transcript(run)
        return run_document(run_id, run, transcript, missing)


def _line_at(place: LinePlace) -> dict[str, Any]:
    try:
        with place.ledger.open("rb") as file:
            file.seek(place.start)
            return _object(file.read(place.size)) or {}
    except OSError:
        return {}
