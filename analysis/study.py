"""The study as one page: the published figures recomputed, and the runs at hand beside them."""

from collections.abc import Sequence
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Any

from analysis.contrast_report import contrasts_tables
from analysis.declared import Declared
from analysis.groups import varying
from analysis.pool import Cell, Level, Pool
from analysis.published.figures import figures
from analysis.rates import left_out, rates_table
from analysis.render import Column, Table, markdown_table

NONE_AT_HAND = "None were given. `python -m analysis study --runs outputs/runs.jsonl` sets yours here."

KINDS = {
    False: ("Of language models", ""),
    True: (
        "Of simulated subjects",
        "A scripted policy was run, not a language model: this shows the instrument at work, and nothing else.",
    ),
}


def study(pool: Pool | None, paths: Sequence[Path] = ()) -> str:
    """The page, as Markdown; `pool`, read with measures, holds the runs at hand."""
    template = (files("analysis.published") / "stagnation.md").read_text(encoding="utf-8")
    found = figures()
    told = template.format(arm=found.arm, test=found.test, number=found.number, table=found.table)
    parts = [told.rstrip(), "## Runs at hand", *(at_hand(pool, paths) if pool is not None else [NONE_AT_HAND])]
    return "\n\n".join(parts) + "\n"


def check(page: str, path: Path, command: str = "study") -> str | None:
    """None if the file holds just this page; otherwise one line on where it drifted."""
    try:
        there = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"{path} is missing"
    pairs = zip_longest(there.splitlines(), page.splitlines())
    drifted = next((number for number, (old, new) in enumerate(pairs, start=1) if old != new), None)
    return f"{path}, line {drifted}: out of date; `analysis {command} --out {path}` writes it anew" if drifted else None


def at_hand(pool: Pool, paths: Sequence[Path]) -> list[str]:
    """Rates and contrasts of the runs at hand, real and simulated apart, each row with its runs."""
    cells = pool.cells()
    kinds = [kind for kind in KINDS if any(cell.levels["simulated"] is kind for cell in cells)]
    parts = []
    for kind in kinds:
        heading, warning = KINDS[kind]
        own = [cell for cell in cells if cell.levels["simulated"] is kind]
        parts += [f"### {heading}", *([warning] if warning else []), *_kind(pool, paths, own, kind)]
    notes = [f"- {note}" for note in left_out(pool, paths)]
    parts += ["\n".join(notes)] if notes else []
    return parts or ["The ledgers given hold no run."]


def _kind(pool: Pool, paths: Sequence[Path], cells: Sequence[Cell], simulated: bool) -> list[str]:
    by = varying(cells)
    rates = rates_table(cells, by)
    parts = [markdown_table(_numbered(rates))]
    contrasts, notes = contrasts_tables(cells, (), Declared(pool, paths, simulated))
    for table in contrasts:
        parts += [f"{table.title.capitalize()}:", markdown_table(table)]
    parts += ["\n".join(f"- {note}" for note in [*rates.notes, *notes])] * bool([*rates.notes, *notes])
    parts.append(_run_ids(pool, by, simulated, rates.rows))
    return parts


def _numbered(table: Table) -> Table:
    """The same rows, each with a number that the list of its runs bears too."""
    rows = [{"row": place} | row for place, row in enumerate(table.rows, start=1)]
    return Table(table.name, table.title, [Column("row", "row", "level"), *table.columns], rows, table.notes)


def _run_ids(pool: Pool, by: Sequence[str], simulated: bool, rows: Sequence[dict[str, Any]]) -> str:
    """Which runs each row of rates counts, by the number of the row."""
    runs: dict[tuple[Level, ...], list[str]] = {}
    for kind, run_id, *levels in pool.rows("simulated", "run_id", *by):
        if kind is simulated:
            runs.setdefault(tuple(levels), []).append(f"`{run_id}`")
    named = [", ".join(runs.get(tuple(row[name] for name in by), ["none"])) for row in rows]
    lines = [f"- row {number}: {ids}" for number, ids in enumerate(named, start=1)]
    return "\n".join(["Runs of each row:", "", *lines])
