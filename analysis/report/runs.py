"""The list of runs: what came of each, why, and where its folder is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis.records.groups import varying
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, level_columns
from analysis.report.rates import report_of
from harness.ledger import Ledger
from harness.outputs import Outputs
from harness.why import why

ALWAYS = ("model", "task")
"""Factors that are shown even if all runs agree in them."""

COLUMNS = [
    Column("passes", "passes"),
    Column("packages", "packages", "text"),
    Column("tokens", "tokens"),
    Column("seconds", "seconds", "number"),
    Column("folder", "folder", "text", data=True),
    Column("why", "why it ended", "text"),
]


def runs_report(pool: RunPool, paths: Sequence[Path], last: int) -> CommandReport:
    """One row for each run, in order of its start; only the latest `last`, unless that is 0."""
    cells = pool.cells()
    factors = [name for name in varying(cells) if name not in ALWAYS]
    levels = [*ALWAYS, *factors]
    rows = sorted(pool.rows("started", "run_id", *levels, results=False), key=lambda row: (row[0] or 0, row[1] or ""))
    left_out = max(0, len(rows) - last) if last else 0
    shown = rows[left_out:]
    lines = _lines(paths, {row[1] for row in shown})
    table = Table(
        "runs",
        "runs, in order of their start",
        [Column("run", "run", "text"), Column("started", "started", "text"), *level_columns(levels), *COLUMNS],
        [_row(row, levels, lines) for row in shown],
        _notes(left_out),
    )
    return report_of(pool, paths, [table])


def _notes(left_out: int) -> list[str]:
    notes = ["harness show RUN prints one of them, by its id or the beginning of its id; last is the latest"]
    if left_out:
        notes.insert(0, f"{left_out} earlier runs are not shown: --last 0 shows all")
    return notes


def _row(row: tuple[Any, ...], levels: Sequence[str], lines: dict[str, tuple[dict[str, Any], Path]]) -> dict[str, Any]:
    started, run_id, *values = row
    line, ledger = lines.get(run_id, ({}, None))
    green, total = line.get("packages_green"), line.get("packages_total")
    when = None if started is None else datetime.fromtimestamp(started / 1e6, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
    return dict(zip(levels, values, strict=True)) | {
        "run": run_id,
        "started": when,
        "passes": line.get("passes"),
        "packages": None if total is None else f"{'?' if green is None else green}/{total}",
        "tokens": line.get("total_tokens"),
        "seconds": line.get("duration_sec"),
        "folder": None if ledger is None or run_id is None else str(Outputs(ledger.parent).folder(run_id).path),
        "why": why(line) if line else None,
    }


def _lines(paths: Sequence[Path], wanted: set[str | None]) -> dict[str, tuple[dict[str, Any], Path]]:
    """The whole lines of some runs, each with its ledger."""
    return {
        line["run_id"]: (line, path)
        for path in paths
        for line in Ledger(path).read()
        if isinstance(line.get("run_id"), str) and line["run_id"] in wanted
    }
