"""Reads ledgers, ours and the original's, and says what it left out and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from analysis.errors import AnalysisError
from analysis.records.columns import FACTORS
from analysis.records.lines import counted, one_by_one, quoted
from analysis.records.marks import without_marks
from analysis.records.run_arrays import RunArrays, read_arrays
from analysis.records.server_facts import refuse_unreported, server_facts
from analysis.records.where import RunFilter
from analysis.stats.arms import TwoArms
from harness.outcome import Outcome
from harness.record import SCHEMA

if TYPE_CHECKING:
    import pandas as pd

Level = str | int | float | bool | None

DONE = f"outcome = '{Outcome.COMPLETED}' AND "

TORN_LINES = "torn or not a record"

COUNTED = quoted(outcome.value for outcome in Outcome if outcome.counts)

SWEPT = (
    "CREATE TABLE swept AS SELECT sweep, cell, simulated, model, "
    f"coalesce(sum(n) FILTER (outcome = '{Outcome.COMPLETED}'), 0)::BIGINT AS completed, "
    f"coalesce(sum(n) FILTER (outcome IN ({COUNTED})), 0)::BIGINT AS runs, min(started) AS started "
    "FROM runs GROUP BY ALL"
)
"""All runs, whatever part of them a question is about."""

SWEPT_RUNS = f"CREATE TABLE swept_runs AS SELECT run_id, sweep, cell, started FROM runs WHERE outcome IN ({COUNTED})"


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
    behaviour: int | None
    """Version of the harness's behaviour; None for older lines."""
    folders: tuple[Path, ...]
    """Log folders in which the run may lie."""


@dataclass
class PooledCell:
    """All runs that agree in every factor on the line."""

    levels: dict[str, Level]
    outcomes: Counter[str] = field(default_factory=Counter)
    examples: dict[str, CellExample] = field(default_factory=dict)
    """One run of each cell that the harness told apart, by the cell's key; more than one if they differ in what the
    line does not hold as a factor."""

    @property
    def keys(self) -> set[str]:
        """Keys of the cells that the harness told apart."""
        return set(self.examples)


class RunPool:
    """The runs of some ledgers, each once, with what was excluded counted by reason."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        excluded: Counter[str],
        facts: Sequence[str] = (),
        folders: Sequence[Path] = (),
    ) -> None:
        self._connection = connection
        self.excluded = excluded
        self._facts = tuple(facts)
        self._folders = tuple(folders)

    @classmethod
    def read(
        cls,
        paths: Sequence[Path],
        where: Sequence[RunFilter] = (),
        *,
        measures: bool = False,
        listed: Sequence[str] = (),
        facts: Sequence[str] = (),
    ) -> "RunPool":
        """Read whole ledgers. Without `measures` runs are only counted, which is much faster; `listed` are measures
        that `arrays` gives of them nevertheless.

        `facts` are the columns of the server that are needed, beside those of the filters. Raises AnalysisError where
        a ledger cannot be read, and for a fact that no run has.
        """
        for path in paths:
            if not path.is_file():
                raise AnalysisError(f"{path}: no such ledger; a sweep writes it, or name yours with --runs")
        measures |= any(condition.column == "block" for condition in where)
        facts = server_facts([*facts, *(condition.column for condition in where)])
        with without_marks(paths) as marked:
            sql = one_by_one(facts) if measures else counted(facts, listed)
            connection = _load(marked, sql, frugal=bool(listed))
            if not measures and _repeated(connection):
                # Which lines of a run to believe can only be told line by line.
                connection = _load(marked, one_by_one(facts))
        refuse_unreported(_unreported(connection, facts))
        excluded = _exclude(connection)
        connection.execute(SWEPT)
        if measures:
            connection.execute(SWEPT_RUNS)
        if excluded[TORN_LINES] and not connection.execute("SELECT count(*) FROM seen").fetchall()[0][0]:
            raise AnalysisError(f"{', '.join(map(str, paths))}: no line of it is a record of a run: is it a ledger?")
        for condition in where:
            left_out = _delete(connection, f"NOT coalesce({condition.sql}, false)", condition.values)
            excluded[f"left out by --where {condition.text}"] += left_out
        return cls(connection, +excluded, facts, list(dict.fromkeys(path.parent for path in paths)))

    def cells(self) -> list[PooledCell]:
        """One entry for each combination of factors that occurs, in order."""
        names = (*FACTORS, *self._facts)
        cells: dict[tuple[Level, ...], PooledCell] = {}
        for *levels, key, outcome, runs, run_id, behaviour in self._connection.execute(
            f"SELECT {_columns(names)}, cell, outcome, sum(n)::BIGINT, min(example), max(behaviour) FROM runs "
            "GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            cell = cells.setdefault(tuple(levels), PooledCell(dict(zip(names, levels, strict=True))))
            cell.outcomes[outcome] += runs
            if key is not None:
                cell.examples.setdefault(key, CellExample(run_id, behaviour, self._folders))
        return list(cells.values())

    def sweeps(self) -> list[tuple[str | None, bool, str | None, int]]:
        """Sweep, whether simulated, model, and how many runs there are of them."""
        return self._connection.execute(
            "SELECT sweep, simulated, model, sum(n)::BIGINT FROM runs GROUP BY ALL ORDER BY ALL"
        ).fetchall()

    def swept(self, sweeps: Iterable[str], cells: Iterable[str]) -> list[SweepCell]:
        """Some sweeps, and whatever else was run of some cells; filtered runs included."""
        result = self._connection.execute(
            "SELECT * FROM swept WHERE sweep IN (SELECT unnest(?::VARCHAR[])) OR cell IN (SELECT unnest(?::VARCHAR[])) "
            "ORDER BY ALL",
            [list(sweeps), list(cells)],
        )
        return [SweepCell(*row) for row in result.fetchall()]

    def blocks(
        self, factor: str, pair: tuple[Level, Level], subject: Mapping[str, Level], alike: Sequence[str]
    ) -> list[TwoArms]:
        """Two levels of a factor against each other within each block of each sweep, some other factors alike."""
        counts = ", ".join(
            f'count(*) FILTER ({done}"{factor}" = ?) AS {name}'
            for name, done in (("k_a", DONE), ("n_a", ""), ("k_b", DONE), ("n_b", ""))
        )
        of = " AND ".join(["block IS NOT NULL", *(f'"{name}" IS NOT DISTINCT FROM ?' for name in subject)])
        result = self._connection.execute(
            f"SELECT k_a, n_a, k_b, n_b, count(*) FROM (SELECT {_columns([*alike, 'sweep', 'block'])}, {counts} FROM "
            f"(SELECT {_columns({factor, *alike, *subject})}, outcome, sweep, unnest(blocks) AS block FROM runs "
            f"WHERE outcome IN ({COUNTED})) "
            f"WHERE {of} GROUP BY ALL) WHERE n_a > 0 AND n_b > 0 "
            "GROUP BY ALL ORDER BY ALL",
            [pair[0], pair[0], pair[1], pair[1], *subject.values()],
        )
        return [arms for *counts, times in result.fetchall() for arms in [TwoArms(*counts)] * times]

    def swept_runs(self) -> list[tuple[str, str | None, str | None]]:
        """Id, sweep and cell of all results by their start, filtered ones included; of a pool read with measures."""
        ordered = "SELECT run_id, sweep, cell FROM swept_runs ORDER BY started, run_id"
        return self._connection.execute(ordered).fetchall()

    def unknown(self, run_ids: Iterable[str]) -> list[str]:
        """Those of some runs that are on no line, excluded lines included; sorted."""
        if not (sought := list(run_ids)):
            return []
        return [
            run_id
            for (run_id,) in self._connection.execute(
                "SELECT run_id FROM (SELECT unnest(?::VARCHAR[]) AS run_id) "
                "WHERE hash(run_id) NOT IN (SELECT unnest(ids) FROM seen) ORDER BY run_id",
                [sought],
            ).fetchall()
        ]

    def rows(self, *columns: str, results: bool = True) -> list[tuple[Any, ...]]:
        """Some columns of the runs that count, in order of their start; of a pool read with measures.

        Without `results` those that do not count, faults and interruptions, are among them.
        """
        chosen = f"outcome IN ({COUNTED})" if results else "true"
        return self._connection.execute(
            f"SELECT {_columns(columns)} FROM runs WHERE {chosen} ORDER BY started, run_id"
        ).fetchall()

    def arrays(self, by: Sequence[str], *names: str, order: Sequence[str] = ()) -> list[RunArrays]:
        """Measures of the results as arrays, by the levels of some factors in natural order.

        Of a pool read with these measures listed, or with all of them. What was not measured is NaN.
        """
        return read_arrays(self._connection, f"outcome IN ({COUNTED})", by, names, order)

    def frame(self) -> "pd.DataFrame":
        """Everything that was read of each run, faults and interruptions too; of a pool read with measures."""
        return self._connection.execute(
            "SELECT * EXCLUDE (n, ids, blocks, torn) FROM runs ORDER BY started, run_id"
        ).df()


def _columns(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _unreported(connection: duckdb.DuckDBPyConnection, facts: Sequence[str]) -> list[str]:
    """Facts that no run has; none where there is no run."""
    counts = ", ".join(["count(*)", *(f'count("{name}")' for name in facts)])
    rows, *known = connection.execute(f"SELECT {counts} FROM runs").fetchall()[0]
    return [name for name, times in zip(facts, known, strict=True) if rows and not times]


def _load(paths: Sequence[Path], create: str, *, frugal: bool = False) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    if frugal:
        # Each thread has buffers of its own, and lists of a million runs leave no room for them.
        connection.execute("SET threads = 1")
    # Freed memory goes back to the system at once, and not only when much of it is free.
    connection.execute("SET allocator_background_threads = true; SET allocator_flush_threshold = '16MB'")
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    try:
        connection.execute(create, [[str(path) for path in paths]])
    except duckdb.Error as error:
        raise AnalysisError(f"cannot read {', '.join(map(str, paths))}: {str(error).splitlines()[0]}") from error
    return connection


def _repeated(connection: duckdb.DuckDBPyConnection) -> bool:
    row = connection.execute(
        "SELECT count(*) > count(DISTINCT id) FROM (SELECT unnest(ids) AS id FROM runs WHERE NOT torn)"
    ).fetchone()
    return row is not None and bool(row[0])


def _exclude(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Take out what is no record of a run, and say how many lines of each kind there were."""
    known = quoted(outcome.value for outcome in Outcome)
    excluded: Counter[str] = Counter()
    excluded[TORN_LINES] = _delete(connection, "torn")
    connection.execute("CREATE TABLE seen AS SELECT ids FROM runs")
    excluded[f"of a newer schema than {SCHEMA}"] = _delete(connection, f"schema > {SCHEMA}")
    excluded["without a known outcome"] = _delete(connection, f"outcome IS NULL OR outcome NOT IN ({known})")
    return excluded | _exclude_repeated(connection) if _repeated(connection) else excluded


def _exclude_repeated(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Keep one of several lines with one run_id if they agree, and none if they contradict each other."""
    contradicting = (
        "run_id IN (SELECT run_id FROM runs GROUP BY run_id "
        "HAVING count(DISTINCT struct_pack(outcome, started, cell, task, model)) > 1)"
    )
    excluded = Counter({"with a run_id that other lines contradict": _delete(connection, contradicting)})
    later = "rowid NOT IN (SELECT min(rowid) FROM runs GROUP BY run_id)"
    excluded["repeated, by run_id"] = _delete(connection, later)
    return excluded


def _delete(connection: duckdb.DuckDBPyConnection, condition: str, values: Sequence[Level] = ()) -> int:
    """Delete runs, and return how many there were."""
    rows = connection.execute(f"DELETE FROM runs WHERE {condition} RETURNING n", list(values)).fetchall()
    return sum(runs for (runs,) in rows)
