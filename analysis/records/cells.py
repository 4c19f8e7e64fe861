"""Cells: runs that are counted together, with what they have in common."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import duckdb

from analysis.records.columns import ENVIRONMENT
from analysis.records.configs import RunConfigs, of_run
from analysis.records.lines import COUNTED
from analysis.records.unfinished import UNFINISHED, UnfinishedRun
from harness.outcome import Outcome

Level = str | int | float | bool | None

MOST_READ = 1000
"""Configs that are read for what runs of one cell may differ in."""


class SweepCell(NamedTuple):
    """One cell of one sweep, or of the runs of no sweep."""

    sweep: str | None
    cell: str | None
    simulated: bool
    model: str | None
    completed: int
    runs: int
    """Results only."""
    started: int | None
    """The first of its runs, whatever came of it; microseconds."""


class CellExample(NamedTuple):
    """One run of a cell, by which the cell's config can be looked up."""

    run_id: str | None
    configs: RunConfigs
    """Place at which its config is looked up."""


@dataclass
class PooledCell:
    """All runs that agree in every factor on the line."""

    levels: dict[str, Level]
    outcomes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, CellExample] = field(default_factory=dict)
    """One run of each cell that the harness told apart, by the cell's key; more than one if they differ in what the
    line does not hold as a factor."""
    missing: Counter[str | None] = field(default_factory=Counter)
    """By the cell's key: runs that were a fault, interrupted or unfinished, and were not made again with a result."""
    failed: dict[str | None, Counter[str]] = field(default_factory=dict)
    """By the cell's key: all faults, interruptions and unfinished runs, made again or not."""
    environment: dict[str, set[Level]] = field(default_factory=dict)
    """Circumstances of the results that are no part of a cell: the values of each that are known."""

    @property
    def keys(self) -> set[str]:
        """Keys of the cells that the harness told apart."""
        return set(self.examples)


def attempts(names: Sequence[str], *, single: bool) -> str:
    """The SQL of what is counted into cells, from runs one by one or by kind. Its columns `of_…` are no fields."""
    more = "cell AS of_cell, outcome AS of_outcome, kind AS of_kind, n, example"
    more += ", sweep AS of_sweep, replicate AS of_replicate" if single else ""
    return f"SELECT {in_sql([*names, *ENVIRONMENT])}, {more} FROM runs"


def singly(source: str, *, single: bool) -> str:
    """The SQL of `attempts` with a row for each run."""
    if single:
        return source
    own = "lines.sweep AS of_sweep, lines.replicate AS of_replicate"
    return (
        f"(SELECT kinds.* REPLACE (1 AS n, lines.run_id AS example), {own} FROM {source} AS kinds "
        "JOIN lines ON of_kind = lines.kind)"
    )


def read_cells(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    each: str,
    names: Sequence[str],
    configs: RunConfigs,
    unfinished: Sequence[UnfinishedRun] = (),
) -> list[PooledCell]:
    """Count what a source of `attempts` holds, one entry for each combination of levels, in order.

    `each` is the same with a row for each run. Runs that are `unfinished` count with the cells of their key, if there
    are any.
    """
    cells: dict[tuple[Level, ...], PooledCell] = {}
    read = 0
    for row in connection.execute(
        f"SELECT {in_sql([*names, *ENVIRONMENT])}, of_cell, of_outcome, sum(n)::BIGINT, min(example) FROM {source} "
        "GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        levels, (*around, key, outcome, runs, run_id) = _levels(row[: len(names)]), row[len(names) :]
        cell = cells.setdefault(levels, PooledCell(dict(zip(names, levels, strict=True))))
        cell.outcomes[outcome] += runs
        if key is not None:
            cell.examples.setdefault(key, CellExample(run_id, configs))
        if Outcome(outcome).counts:
            known = dict(zip(ENVIRONMENT, around, strict=True))
            if read < MOST_READ and (config := configs.of(run_id)) is not None:
                known |= of_run(config)
                read += 1
            for name, value in known.items():
                if value is not None:
                    cell.environment.setdefault(name, set()).add(value)
        else:
            cell.failed.setdefault(key, Counter())[outcome] += runs
    any_missing = any(cell.failed for cell in cells.values())
    for *of, key, _, replicate, runs in _missing(connection, each, names) if any_missing else ():
        cells[_levels(of)].missing[key] += runs if key is None or replicate is None else 1
    _add_unfinished(connection, each, list(cells.values()), unfinished)
    return list(cells.values())


def _add_unfinished(
    connection: duckdb.DuckDBPyConnection,
    each: str,
    cells: Sequence[PooledCell],
    unfinished: Sequence[UnfinishedRun],
) -> None:
    place = {key: cell for cell in reversed(cells) for key in cell.keys}
    known = [run for run in unfinished if run.cell in place]
    if not known:
        return
    made = connection.execute(
        f"SELECT DISTINCT of_cell, of_sweep, of_replicate FROM {each} WHERE of_outcome IN ({COUNTED}) "
        "AND of_cell IN (SELECT unnest(?::VARCHAR[]))",
        [sorted({str(run.cell) for run in known})],
    ).fetchall()
    again = {(key, replicate) for key, _, replicate in made} | set(made)
    for run in known:
        cell = place[str(run.cell)]
        cell.failed.setdefault(run.cell, Counter())[UNFINISHED] += 1
        # Transcripts of older runs do not name the sweep.
        same = (run.cell, run.replicate) if run.sweep is None else (run.cell, run.sweep, run.replicate)
        if run.replicate is None or same not in again:
            cell.missing[run.cell] += 1


def _levels(values: Iterable[Any]) -> tuple[Level, ...]:
    """Return values as levels; a list, such as the reasons of passes, as text."""
    return tuple(json.dumps(value, separators=(",", ":")) if isinstance(value, list) else value for value in values)


def _missing(connection: duckdb.DuckDBPyConnection, source: str, names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Levels, cell, sweep, replicate and number of attempts of each run without a result."""
    kept = f"{in_sql(names)}, of_cell, of_sweep"
    each = f"SELECT {kept}, of_replicate AS replicate FROM {source}"
    return connection.execute(
        f"WITH failed AS ({each} WHERE of_outcome NOT IN ({COUNTED})), "
        f"made AS (SELECT DISTINCT of_cell, of_sweep, replicate FROM ({each} WHERE of_outcome IN ({COUNTED}) "
        "AND of_cell IN (SELECT of_cell FROM failed))) "
        f"SELECT {in_sql(names)}, of_cell, of_sweep, replicate, count(*) FROM failed ANTI JOIN made "
        "ON failed.of_cell = made.of_cell AND failed.of_sweep IS NOT DISTINCT FROM made.of_sweep "
        "AND failed.replicate = made.replicate GROUP BY ALL"
    ).fetchall()


def in_sql(names: Iterable[str]) -> str:
    """Names of columns as SQL."""
    return ", ".join(f'"{name}"' for name in names)
