"""Report of `judge signals`: signals of folders, or of kept workspaces."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from analysis.errors import AnalysisError
from analysis.judge.signals import COUNTS, SIZES, signals
from analysis.records.groups import natural, varying
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, level_columns
from analysis.report.rates import subject_line
from harness.outputs import Outputs

RUNS = [Column("run_id", "run", "text"), Column("passes", "passes", "level"), Column("outcome", "outcome", "text")]
SIGNAL_COLUMNS = [
    Column("gofmt", "gofmt"),
    Column("vet", "vet"),
    Column("modernize", "modernize"),
    Column("files", "files"),
    Column("lines", "lines"),
    Column("code_lines", "code lines"),
    Column("functions", "functions"),
    Column("longest_function", "longest"),
    Column("unknown", "what is unknown, and why", "text"),
]
MEDIANS = [column for column in SIGNAL_COLUMNS if column.key in (*COUNTS, *SIZES)]
NOTES = [
    "findings of tools in non-test Go files; a dash is unknown, and never 0",
    "gofmt: files that it would write otherwise; modernize: what go fix would mend; longest: lines of a function",
]


def folders_report(folders: Sequence[Path]) -> CommandReport:
    """Signals of some folders. Raises AnalysisError for one that is none."""
    for folder in folders:
        if not folder.is_dir():
            raise AnalysisError(f"{folder}: no such folder")
    counted = [(folder, signals(folder)) for folder in folders]
    rows = [{"folder": str(folder)} | row(signals_of_folder) for folder, signals_of_folder in counted]
    return CommandReport(
        [], [Table("signals", "signals", [Column("folder", "folder", "text"), *SIGNAL_COLUMNS], rows, _notes(counted))]
    )


def runs_report(pool: RunPool, ledgers: Sequence[Path]) -> CommandReport:
    """Signals of every kept workspace, run by run and in medians by arm; `pool` was read with measures.

    Raises AnalysisError where no run kept one.
    """
    cells = pool.cells()
    by = varying(cells)
    kept = {run_id: folder for path in ledgers for run_id, folder in _workspaces(path.parent)}
    rows, counted, lost = [], [], 0
    for run_id, passes, outcome, *levels in pool.rows("run_id", "passes", "outcome", *by):
        folder = kept.get(run_id)
        if folder is None:
            lost += 1
            continue
        print(f"{folder} …", file=sys.stderr, flush=True)
        counted.append((folder, signals(folder)))
        own = {"run_id": run_id, "passes": passes, "outcome": outcome}
        rows.append(dict(zip(by, levels, strict=True)) | own | row(counted[-1][1]))
    if not rows:
        raise AnalysisError(f"no workspace to look at: {_kept_none(lost)}")
    arms = level_columns(by)
    tables = [
        Table("arms", "medians by arm", [*arms, Column("runs", "runs"), *MEDIANS], _arms(rows, by), [OF_KNOWN]),
        Table("signals", "signals of every run", [*arms, *RUNS, *SIGNAL_COLUMNS], rows, _notes(counted)),
    ]
    return CommandReport(subject_line(cells), tables, [_kept_none(lost)] if lost else [])


OF_KNOWN = "medians over the runs in which it is known; a run in which it is not is left out of that column alone"


def row(counted: Mapping[str, Any]) -> dict[str, Any]:
    """Signals as the cells of a table; the reasons why some are unknown in one of them."""
    counts = {name: counted[name]["count"] for name in COUNTS}
    sizes = {name: counted["size"][name] for name in SIZES}
    return counts | sizes | {"unknown": "; ".join(_unknown(counted))}


def _kept_none(runs: int) -> str:
    return f"{runs} {'run' if runs == 1 else 'runs'} kept no workspace"


def _unknown(counted: Mapping[str, Any]) -> Iterator[str]:
    """Each reason once, with what it is the reason for."""
    reasons: dict[str, list[str]] = {}
    for name in (*COUNTS, "size"):
        if counted[name]["unknown"]:
            reasons.setdefault(counted[name]["unknown"], []).append(name)
    yield from (f"{', '.join(names)}: {why}" for why, names in reasons.items())


def _arms(rows: Sequence[dict[str, Any]], by: Sequence[str]) -> list[dict[str, Any]]:
    arms: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in rows:
        arms.setdefault(tuple(one[name] for name in by), []).append(one)
    order = sorted(arms, key=lambda levels: [natural(level) for level in levels])
    return [
        dict(zip(by, levels, strict=True))
        | {"runs": len(arms[levels])}
        | {column.key: _median(arms[levels], column.key) for column in MEDIANS}
        for levels in order
    ]


def _median(rows: Sequence[dict[str, Any]], key: str) -> float | None:
    return known_median([one[key] for one in rows])


def known_median(counts: Iterable[int | None]) -> float | None:
    """The median of what is known; a whole number where it is one. None if nothing is known."""
    known = [count for count in counts if count is not None]
    middle = median(known) if known else None
    return int(middle) if middle is not None and middle == int(middle) else middle


def _workspaces(root: Path) -> Iterator[tuple[str, Path]]:
    """The workspaces that lie beside a ledger, by run_id."""
    outputs = Outputs(root)
    for path in sorted(outputs.runs.iterdir()) if outputs.runs.is_dir() else []:
        kept = outputs.folder(path.name).workspace
        if kept.is_dir():
            yield path.name, kept


def _notes(counted: Sequence[tuple[Path, Mapping[str, Any]]]) -> list[str]:
    """The tools' version, and whether folders were written for different versions of the language."""
    versions = sorted({one["go_version"] or "none" for _, one in counted})
    languages = sorted({one["language"] or "none" for _, one in counted})
    notes = [*NOTES, f"tools of {', '.join(versions)}"]
    if len(languages) > 1:
        notes.append(f"different Go versions in go.mod ({', '.join(languages)}): modernizer counts do not compare")
    return notes
