"""The page of what was measured with this instrument: each sweep, from its declaration to its tests."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from analysis.contrasts.declaration import Declaration, kept
from analysis.errors import AnalysisError
from analysis.records.pool import RunPool
from analysis.records.server_facts import FINGERPRINT
from analysis.records.where import RunFilter
from analysis.render import CommandReport, OutputFormat, Page, Table
from analysis.report.contrast_report import table_report
from analysis.report.cost import cost_report
from harness.installation import data_folder
from harness.outcome import Outcome

PREFIX = "measured_"
"""Prefix of the names of these sweeps."""


class Grid(NamedTuple):
    """A declared grid of `conf/sweep`."""

    name: str
    question: str
    """The comment at its head."""


def grids() -> list[Grid]:
    """Return the grids that are measured, by name."""
    paths = sorted((data_folder("conf") / "sweep").glob(f"{PREFIX}*.yaml"))
    return [Grid(path.stem, _question(path.read_text(encoding="utf-8"))) for path in paths]


def measured(ledger: Path) -> Page:
    """Return the page on the runs of a ledger and on the declarations beside it.

    Raises AnalysisError for a ledger that cannot be read, or that holds a simulated run.
    """
    declared = kept([ledger]).declared
    template = (files("analysis.study") / "measured.md").read_text(encoding="utf-8")
    whole = RunPool.read([ledger], measures=True) if ledger.is_file() else None
    if whole and any(cell.levels["simulated"] for cell in whole.cells()):
        raise AnalysisError(f"{ledger}: holds a simulated run: this page is about real models alone")
    parts, tables = [template.format(costs=_costs(whole)).rstrip()], list[Table]()
    for grid in grids():
        own, shown = _section(grid, declared.get(grid.name, []), ledger)
        parts += own
        tables += shown
    return Page(tables=tables, page="\n\n".join(parts) + "\n")


def _question(text: str) -> str:
    comments = [line.removeprefix("# ") for line in text.splitlines()[1:] if line.startswith("# ")]
    return " ".join(comments).partition("?")[0] + "?"


def _costs(pool: RunPool | None) -> str:
    rows = pool.rows("outcome", "duration_sec", "total_tokens", results=False) if pool else []
    if not rows:
        return "No run was made yet."
    results = sum(Outcome(outcome).counts for outcome, _, _ in rows)
    hours = sum(seconds or 0 for _, seconds, _ in rows) / 3600
    tokens = sum(total or 0 for _, _, total in rows)
    lost = len(rows) - results
    missing = f", and {lost} that ended without a result (faults and interrupted runs)" if lost else ""
    return f"{results} runs with a result{missing}: {hours:.1f} hours and {tokens:,} tokens in all."


def _section(grid: Grid, declarations: Sequence[Declaration], ledger: Path) -> tuple[list[str], list[Table]]:
    parts = [f"## {grid.question}", _standing(grid, declarations)]
    if not declarations:
        return parts, []
    pool = RunPool.read([ledger], [RunFilter.parse(f"sweep={grid.name}")], measures=True, facts=[FINGERPRINT])
    if not pool.cells():
        return [*parts, "No run was made yet."], []
    tables: list[Table] = []
    for report in (table_report(pool, [ledger], (), ()), cost_report(pool, [ledger], ())):
        # What its notes say of excluded lines is about the other sweeps of the ledger.
        parts.append(CommandReport(report.head, report.tables).text(OutputFormat.MARKDOWN))
        for table in report.tables:
            table.name = f"{grid.name}-{table.name}"
            tables.append(table)
    return parts, tables


def _standing(grid: Grid, declarations: Sequence[Declaration]) -> str:
    where = f"`conf/sweep/{grid.name}.yaml`"
    if not declarations:
        return f"{where}: not begun."
    first = declarations[0]
    again = f"; declared anew {len(declarations) - 1} times since" if len(declarations) > 1 else ""
    return f"{where}: declared {first.time:%Y-%m-%d %H:%M} UTC, {first.runs} runs{again}."
