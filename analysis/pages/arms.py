"""Sweeps and their arms: rates with intervals, and the tests that were declared, each linked to its runs."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from analysis.contrasts.declared import DeclaredTests
from analysis.contrasts.stopped import StoppedArms
from analysis.pages.nodes import Node, element
from analysis.pages.rates_picture import RatedArm, rates_picture
from analysis.pages.rows import RunRow
from analysis.records.cells import CellExample, Level, PooledCell, SweepCell
from analysis.records.pool import RunPool
from analysis.render import Column, Table, printable, show
from analysis.report.contrast_report import confounded_tests, contrasts_tables
from analysis.report.rates import left_out, rates_table, subject_line
from analysis.report.stopped import dagger, marked
from harness.outcome import Outcome

ALONE = "Runs of no sweep"

LATEST = 8
"""Runs that the first page names."""

READ = ("run_id", "sweep", "cell", "outcome")


@dataclass
class SweepArms:
    """One sweep and its arms."""

    name: str
    cells: list[PooledCell] = field(default_factory=list)
    ids: dict[int, list[str]] = field(default_factory=dict)
    """Runs of each cell, by the cell's `id()`."""

    @property
    def outcomes(self) -> Counter[str]:
        return sum((cell.outcomes for cell in self.cells), Counter())

    def runs_of(self, cells: Iterable[PooledCell]) -> list[str]:
        return [run_id for cell in cells for run_id in self.ids[id(cell)]]


@dataclass(frozen=True)
class Overview:
    """The first page: what was run, what came of it, and what was tested."""

    parts: list[Node]
    arms: list[list[str]]
    """Ids of the runs of each arm."""


def overview(ledgers: Sequence[Path], rows: Mapping[str, RunRow]) -> Overview:
    """Return the first page. Raises AnalysisError if a ledger cannot be read at all."""
    pool = RunPool.read(ledgers, measures=True)
    sweeps = list(_sweeps(pool))
    parts: list[Node] = [element("p", line, class_="note") for line in subject_line(pool.cells())]
    arms: list[list[str]] = []
    stopped = StoppedArms.of(pool, ledgers)
    for sweep in sweeps:
        part, its_arms = _sweep(sweep, rows, stopped)
        parts.append(part)
        arms += its_arms
    parts += [*_latest(rows), *_tests(pool, ledgers)]
    parts += [element("p", printable(note), class_="muted") for note in left_out(pool)]
    return Overview(parts, arms)


def _sweeps(pool: RunPool) -> Iterable[SweepArms]:
    sweeps: dict[str | None, SweepArms] = {}
    cells: dict[tuple[Any, ...], PooledCell] = {}
    for run_id, sweep, key, outcome, *levels in pool.rows(*READ, *pool.names, results=False):
        place = sweeps.setdefault(sweep, SweepArms(printable(sweep) if sweep else ALONE))
        cell = cells.get((sweep, *levels))
        if cell is None:
            known: dict[str, Level] = dict(zip(pool.names, levels, strict=True))
            cell = cells[sweep, *levels] = PooledCell(known)
            place.cells.append(cell)
            place.ids[id(cell)] = []
        cell.outcomes[outcome] += 1
        place.ids[id(cell)].append(printable(run_id))
        if key is not None:
            cell.examples.setdefault(key, CellExample(run_id, pool.configs))
    return sweeps.values()


def _sweep(sweep: SweepArms, rows: Mapping[str, RunRow], stopped: StoppedArms) -> tuple[Node, list[list[str]]]:
    [table] = marked([rates_table(sweep.cells, [], exact=False)], stopped)
    arms = [sweep.runs_of(row["cells"]) for row in table.rows]
    links = [_link(ids, rows) for ids in arms]
    levels = [column for column in table.shown if column.kind == "level"]
    rated = [
        RatedArm(
            label=_label(levels, row) + dagger(stopped, row["cells"]),
            completed=row["completed"],
            runs=row["runs"],
            interval=row["wilson"],
            link=link,
        )
        for row, link in zip(table.rows, links, strict=True)
    ]
    simulated = {bool(cell.levels["simulated"]) for cell in sweep.cells}
    results = sum(times for outcome, times in sweep.outcomes.items() if Outcome(outcome).counts)
    subject = ", ".join(dict.fromkeys(_subject(cell) for cell in sweep.cells))
    said = f"{subject}. {results} {'run has' if results == 1 else 'runs have'} a result"
    part = element(
        "section",
        element("h2", sweep.name, element("span", _kind(simulated), class_="simulated") if True in simulated else None),
        element("p", said, *_outcomes(sweep, links), "."),
        rates_picture(rated),
        table_node(table, links),
        class_="sweep",
    )
    return part, arms


def _label(levels: Sequence[Column], row: Mapping[str, Any]) -> str:
    return ", ".join(f"{one.heading} {show(row.get(one.key))}" for one in levels) or "all runs"


def _outcomes(sweep: SweepArms, links: Sequence[str]) -> Iterator[Node]:
    """Yield the outcomes with their numbers, each a link to its runs: results, then what is counted in no rate."""
    address = links[0].partition("&sweep=")[2] if links else ""
    for counts, before, after in ((True, ": ", ""), (False, "; ", ", counted in no rate")):
        some = [one for one in Outcome if one.counts is counts and sweep.outcomes[one]]
        for place, one in enumerate(some):
            yield before if place == 0 else ", "
            yield element("a", f"{sweep.outcomes[one]} {one}", href=f"#list&sweep={address}&outcome={one}")
        if some:
            yield after


def _latest(rows: Mapping[str, RunRow]) -> list[Node]:
    """Return the runs that ended last, each with its reason."""
    latest = sorted(rows.values(), key=lambda row: row.ended, reverse=True)[:LATEST]
    body = [
        element(
            "tr",
            element("td", element("a", element("code", row.run_id), href=f"#run={quote(row.run_id, safe='')}")),
            element("td", row.sentence()),
        )
        for row in latest
    ]
    table = element("table", element("tbody", *body))
    heading = element("h2", "Latest runs")
    return [element("section", heading, element("div", table, class_="scroll"), class_="latest")] if body else []


def _kind(simulated: set[bool]) -> str:
    return "simulated subject" if simulated == {True} else "some arms simulated"


def _subject(cell: PooledCell) -> str:
    return f"{printable(cell.levels['model'])} on {printable(cell.levels['task'])}"


def _link(ids: Iterable[str], rows: Mapping[str, RunRow]) -> str:
    """Return the address of a list of runs: those of the same cells of the same sweep."""
    known = [rows[run_id] for run_id in ids if run_id in rows]
    return _cells_link((row.cell for row in known), known[0].sweep if known else None)


def _cells_link(cells: Iterable[str], sweep: str | None = None) -> str:
    only = "" if sweep is None else f"&sweep={quote(sweep, safe='')}"
    return f"#list&cells={quote(','.join(dict.fromkeys(cells)), safe=',')}{only}"


def _tested(table: Table) -> list[str | None]:
    """Return the address of the runs behind each row of a table of tests; None where lines have no key of a cell."""
    links: list[str | None] = []
    for row in table.rows:
        cells: list[SweepCell | PooledCell] = row.get("cells") or []
        keys = [key for cell in cells for key in ([cell.cell] if isinstance(cell, SweepCell) else sorted(cell.keys))]
        links.append(_cells_link(map(printable, keys)) if keys and None not in keys else None)
    return links


def table_node(table: Table, links: Sequence[str | None] = ()) -> Node:
    """Return a table with its notes; each row whose link is known begins with it."""
    shown = table.shown
    head = [element("th", printable(column.heading), class_=_side(column.kind)) for column in shown]
    body = []
    for place, row in enumerate(table.rows):
        link = links[place] if place < len(links) else None
        cells = [
            element("td", printable(show(row.get(column.key), column.kind)), class_=_side(column.kind))
            for column in shown
        ]
        if links:
            cells.append(element("td", element("a", "runs", href=link) if link else ""))
        body.append(element("tr", *cells))
    if links:
        head.append(element("th", ""))
    whole = element("table", element("thead", element("tr", *head)), element("tbody", *body))
    notes = [element("li", printable(note)) for note in table.notes]
    parts = [element("div", whole, class_="scroll"), *([element("ul", *notes, class_="notes")] if notes else [])]
    return element("div", *parts)


def _side(kind: str) -> str | None:
    return None if kind in ("level", "text") else "number"


def _tests(pool: RunPool, ledgers: Sequence[Path]) -> list[Node]:
    """Return the declared tests, and the exploratory ones folded below them."""
    tables, notes = contrasts_tables(pool.cells(), [], DeclaredTests(pool, ledgers))
    tables = marked(tables, StoppedArms.of(pool, ledgers))
    declared = [table for table in tables if table.name.startswith("declared")]
    explored = [table for table in tables if not table.name.startswith("declared")]
    body: list[Node] = [element("h2", "Tests")]
    body += [element("p", printable(line), class_="note") for line in confounded_tests(tables)]
    if declared:
        body += [
            element("h3", "Declared before the first run"),
            *(table_node(table, _tested(table)) for table in declared),
        ]
    else:
        body.append(element("p", "No test of these runs was declared before they were made."))
    if explored or notes:
        said = [element("p", printable(note), class_="muted") for note in notes]
        summary = element("summary", "Exploratory: compared only after the runs were made")
        body.append(element("details", summary, *(table_node(table, _tested(table)) for table in explored), *said))
    return [element("section", *body, class_="tests")] if tables or pool.cells() else []
