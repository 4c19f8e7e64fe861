"""The report: one file that opens from disk and needs neither a server nor the network."""

import base64
import gzip
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from markupsafe import Markup

from analysis.errors import AnalysisError
from analysis.pages.arms import overview
from analysis.pages.library import RunLibrary
from analysis.pages.nodes import element, html
from analysis.pages.rows import OUTCOMES, RunRow
from analysis.pages.run_page import RunDocument, run_document
from analysis.pages.template import asset, environment, file_policy

ROWS_TOGETHER = 5000
RECORDS_TOGETHER = 40
"""Runs whose records are packed together; opening one unpacks all of them."""

MOST_RECORDS = 5000
"""Runs, the latest, of which the file holds the whole record; of older ones it holds the row."""

NOT_HERE = (
    "This file holds no steps of this run; where its transcript is kept, harness show {} and harness view show them."
)


@dataclass(frozen=True)
class WrittenReport:
    """The file as it was written."""

    path: Path
    size: int
    runs: int
    embedded: int
    """Runs whose transcript is in the file."""

    def __str__(self) -> str:
        megabytes = f"{self.size / 1e6:.1f} MB"
        return f"{self.path}: {self.runs:,} runs, {self.embedded:,} with every step; {megabytes}"


def write_report(ledgers: Sequence[Path], out: Path, embed: int, title: str) -> WrittenReport:
    """Write the report whole or not at all. Raises AnalysisError for a ledger that is not there."""
    library = RunLibrary(ledgers)
    rows = {row.run_id: row for row in reversed(library.rows)}
    first = overview(ledgers, rows)
    unrecorded = list(library.unrecorded)
    ordered = by_use(first.arms, rows, unrecorded)
    chosen = list(islice((one for one in ordered if library.transcript_file(library.run(one))[0]), embed))
    latest = sorted(rows.values(), key=lambda row: row.ended, reverse=True)[:MOST_RECORDS]
    others = [
        run_id for run_id in (*unrecorded[:MOST_RECORDS], *(row.run_id for row in latest)) if run_id not in chosen
    ]
    page = environment().get_template("page.html.j2").render(
        live=False,
        policy=file_policy(),
        title=title,
        style=Markup(asset("page.css")),
        script=Markup(asset("page.js")),
        outcomes=OUTCOMES,
        notes=_notes(library, len(chosen), len(rows) + len(unrecorded)),
        overview=html(element("div", *first.parts)),
        rows=list(_packed_rows(library)),
        runs=[(json.dumps(run_id), packed(_document(library, run_id, whole=True).as_json())) for run_id in chosen],
        records=list(_packed_records(library, others)),
    )  # fmt: skip
    size = _write(out, page.encode("utf-8", "backslashreplace"))
    return WrittenReport(out, size, len(rows) + len(unrecorded), len(chosen))


def by_use(arms: Sequence[Sequence[str]], rows: dict[str, RunRow], unrecorded: Sequence[str]) -> list[str]:
    """Return all runs in the order in which they are embedded.

    First of each arm the first to end, then of each the median, then of each the last, then the folders without a
    record, then all other runs, the latest first.
    """
    ordered = [sorted((one for one in arm if one in rows), key=lambda one: rows[one].ended) for arm in arms]
    ordered = [arm for arm in ordered if arm]
    rounds = [[arm[0] for arm in ordered], [arm[len(arm) // 2] for arm in ordered], [arm[-1] for arm in ordered]]
    latest = sorted(rows, key=lambda one: rows[one].ended, reverse=True)
    return list(dict.fromkeys([*(run_id for one in rounds for run_id in one), *unrecorded, *latest]))


def packed(value: Any) -> str:
    """Return a value as JSON, compressed, in letters that can close no element."""
    plain = json.dumps(value, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(plain, 6, mtime=0)).decode()


def _packed_rows(library: RunLibrary) -> Iterator[str]:
    shown = [*(row.shown for row in library.rows), *library.open_rows()]
    for some in _together(shown, ROWS_TOGETHER):
        plain = f"[{','.join(some)}]".encode()
        yield base64.b64encode(gzip.compress(plain, 6, mtime=0)).decode()


def _packed_records(library: RunLibrary, run_ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for some in _together(run_ids, RECORDS_TOGETHER):
        documents = {run_id: _document(library, run_id, whole=False).as_json() for run_id in some}
        yield json.dumps(some), packed(documents)


def _together(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _document(library: RunLibrary, run_id: str, *, whole: bool) -> RunDocument:
    return (
        library.document(run_id) if whole else run_document(run_id, library.run(run_id), None, NOT_HERE.format(run_id))
    )


def _notes(library: RunLibrary, embedded: int, runs: int) -> list[str]:
    notes = []
    if embedded < runs:
        notes.append(
            f"{embedded} of {runs:,} runs are here with every step: of each arm the first, the median and the last to "
            "end, as far as --embed allows and transcripts are kept. Of the others there are the figures and why they "
            "ended."
        )
    if library.torn:
        notes.append(f"{library.torn} torn lines of the ledger are left out.")
    return notes


def _write(out: Path, data: bytes) -> int:
    """Write a file whole or not at all; return its size. Raises AnalysisError where it cannot be written."""
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.is_dir():
            raise AnalysisError(f"--out {out}: is a folder; name a file")
        part.write_bytes(data)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise AnalysisError(f"--out {out}: cannot be written: {error.strerror}") from error
    return len(data)
