"""The study as one page: the published figures recomputed, and the runs at hand beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from analysis.contrasts.declared import DeclaredTests
from analysis.contrasts.stopped import StoppedArms
from analysis.records.groups import varying
from analysis.records.pool import RunPool
from analysis.records.run_ids import RunIds
from analysis.render import Column, Page, Table, markdown_table
from analysis.report.contrast_report import contrasts_tables
from analysis.report.rates import left_out, rates_table
from analysis.report.stopped import marked
from analysis.study.kits.section import kit_section
from analysis.study.published.figures import figures
from analysis.study.published.report import published_report
from analysis.study.published.trial import own_sentences

NONE_AT_HAND = "None were given. `harness analysis study --runs outputs/runs.jsonl` sets yours here."

WARNING = "A scripted policy was run, not a language model: this shows the instrument at work, and nothing else."


@dataclass(frozen=True)
class SubjectKind:
    """Runs at hand of one kind of subject."""

    name: str
    heading: str
    warning: list[str]
    simulated: bool


KINDS = [
    SubjectKind("real", "Of language models", [], simulated=False),
    SubjectKind("simulated", "Of simulated subjects", [WARNING], simulated=True),
]


def retold(pool: RunPool | None, paths: Sequence[Path] = ()) -> Page:
    """The page, and the tables that it is made of; `pool`, read with measures, holds the runs at hand."""
    template = (files("analysis.study.published") / "stagnation.md").read_text(encoding="utf-8")
    study = vars(figures())
    # The lines of the trial are planted, and not the page's own.
    checked = own_sentences(template.format(**study | {"trial": "", "own": ""}))
    kits, floors = kit_section()
    parts = [template.format(**study | {"own": checked}).rstrip(), kits, "## Runs at hand"]
    report = published_report()
    report.tables.append(floors)
    if pool is None:
        parts.append(NONE_AT_HAND)
    else:
        own, tables, notes = at_hand(pool, paths)
        parts += own
        report.tables += tables
        report.notes += notes
    return Page(**vars(report), page="\n\n".join(parts) + "\n")


def at_hand(pool: RunPool, paths: Sequence[Path]) -> tuple[list[str], list[Table], list[str]]:
    """Rates and tests of the runs at hand, real and simulated apart: as Markdown, as tables, and what was left out."""
    parts: list[str] = []
    tables: list[Table] = []
    run_ids = RunIds(pool)
    for kind in KINDS:
        own, notes = _tables(pool, paths, kind)
        for table in own:
            _name_runs(table, kind, run_ids)
            parts += [f"### {kind.heading}", *kind.warning] * (table is own[0])
            parts += [f"{table.title.capitalize()}:", markdown_table(_linked(table)), _runs_of(table)]
            parts += ["\n".join(f"- {note}" for note in table.notes)] * bool(table.notes)
        parts += ["\n".join(f"- {note}" for note in notes)] * bool(notes)
        tables += own
    notes = left_out(pool)
    parts = parts or ["The ledgers given hold no run."]
    return parts + ["\n".join(f"- {note}" for note in notes)] * bool(notes), tables, notes


def _tables(pool: RunPool, paths: Sequence[Path], kind: SubjectKind) -> tuple[list[Table], list[str]]:
    cells = [cell for cell in pool.cells() if cell.levels["simulated"] is kind.simulated]
    if not cells:
        return [], []
    tests, notes = contrasts_tables(cells, (), DeclaredTests(pool, paths, kind.simulated))
    return marked([rates_table(cells, varying(cells)), *tests], StoppedArms.of(pool, paths)), notes


def _name_runs(table: Table, kind: SubjectKind, run_ids: RunIds) -> None:
    """Number the rows, and put beside each the runs that it counts."""
    table.name = f"{kind.name}-{table.name}"
    table.columns = [Column("row", "row", "level"), *table.columns, Column("run_ids", "runs", "text", data=True)]
    table.rows = [
        {"row": place, "run_ids": run_ids.of(row["cells"])} | row for place, row in enumerate(table.rows, start=1)
    ]


def _linked(table: Table) -> Table:
    """The same rows, each number a link to the list of its runs."""
    rows = [row | {"row": f"[{row['row']}](#{table.name}-{row['row']})"} for row in table.rows]
    return Table(table.name, table.title, table.columns, rows)


def _runs_of(table: Table) -> str:
    """Return the lists of runs that the links of rows lead to."""
    named = [", ".join(f"`{run_id}`" for run_id in row["run_ids"]) or "none" for row in table.rows]
    lines = [f'- <a id="{table.name}-{place}"></a>row {place}: {ids}' for place, ids in enumerate(named, start=1)]
    return "\n".join(["Results counted in each row:", "", *lines])
