"""Reads ledgers, ours and the original's, and says what it left out and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from analysis.columns import FACTORS, HASHES, MEASURES, RAW
from analysis.errors import AnalysisError
from analysis.where import Filter
from harness.record import ACTS, LOADS, SCHEMA, Outcome

if TYPE_CHECKING:
    import pandas as pd

Level = str | int | float | bool | None

HASH_DIGITS = 12


@dataclass(frozen=True)
class Cell:
    """All runs that agree in every factor on the line."""

    levels: dict[str, Level]
    outcomes: Counter[str]
    keys: frozenset[str]
    """Keys of the cells that the harness told apart; more than one if they differ in what the line does not hold."""


class Pool:
    """The runs of some ledgers, each once, with what was excluded counted by reason."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, excluded: Counter[str]) -> None:
        self._connection = connection
        self.excluded = excluded

    @classmethod
    def read(cls, paths: Sequence[Path], where: Sequence[Filter] = (), *, measures: bool = False) -> "Pool":
        """Read whole ledgers. `measures` also keeps what was measured of each run.

        Raises AnalysisError where a ledger cannot be read.
        """
        for path in paths:
            if not path.is_file():
                raise AnalysisError(f"{path}: no such ledger; a sweep writes it, or name yours with --runs")
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
        try:
            connection.execute(_load_sql(measures), [[str(path) for path in paths]])
        except duckdb.Error as error:
            raise AnalysisError(f"cannot read {', '.join(map(str, paths))}: {str(error).splitlines()[0]}") from error
        excluded = _exclude(connection)
        for condition in where:
            left_out = _delete(connection, f"NOT coalesce({condition.sql}, false)", condition.values)
            excluded[f"left out by --where {condition.text}"] += left_out
        return cls(connection, +excluded)

    def cells(self) -> list[Cell]:
        """One entry for each combination of factors that occurs, in order."""
        names = ", ".join(FACTORS)
        rows = self._connection.execute(
            f"SELECT {names}, list(DISTINCT cell) FILTER (cell IS NOT NULL), histogram(outcome) "
            f"FROM runs GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return [_cell(row) for row in rows]

    def run_ids(self) -> set[str]:
        """Of all lines read, those excluded too."""
        return {row[0] for row in self._connection.execute("SELECT run_id FROM seen").fetchall()}

    def rows(self, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of the runs that count, in order of their start."""
        return self._connection.execute(
            f"SELECT {', '.join(columns)} FROM runs WHERE outcome IN ({_quoted(_COUNTED)}) ORDER BY started, run_id"
        ).fetchall()

    def frame(self) -> "pd.DataFrame":
        """Everything that was read of each run, faults and interruptions too, for work beyond the commands here."""
        return self._connection.execute("SELECT * FROM runs ORDER BY started, run_id").df()


_COUNTED = tuple(outcome.value for outcome in Outcome if outcome.counts)


def _load_sql(measures: bool) -> str:
    """Reads lines into `runs`, with what eras of the log leave unsaid filled in."""
    schema = ", ".join(f"{name}: '{kind}'" for name, kind in RAW.items())
    columns = {name: name for name in FACTORS} | {
        "simulated": "coalesce(simulated, false)",
        # A bundled task is known by its name, wherever its prompt lay.
        "task": r"coalesce(nullif(regexp_extract(task, 'examples/([^/]+)/PROMPT\.md$', 1), ''), task)",
        # The original's early lines have no elide_passing: the counter came with the feature.
        "elide_passing": "coalesce(elide_passing, elided_reads IS NOT NULL)",
        "lever": "coalesce(lever, 'none')",
    }
    columns |= {name: f"left({name}, {HASH_DIGITS})" for name in HASHES}
    if measures:
        columns |= {name: name for name in MEASURES}
        columns |= {"loads": _tool_sum(LOADS), "acts": _tool_sum(ACTS), "pass_reasons": "pass_reasons"}
    derived = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    return (
        f"CREATE TABLE runs AS SELECT {derived}, cell, sweep, block, outcome, "
        f"coalesce(run_id, md5(concat_ws('|', time, task, model, duration_sec, total_tokens))) AS run_id, "
        f"epoch_us(try_cast(time AS TIMESTAMPTZ)) AS started, schema AS version, "
        f"coalesce(time, model, outcome, run_id) IS NULL AS torn "
        f"FROM read_json(?, format = 'newline_delimited', columns = {{{schema}}}, ignore_errors = true)"
    )


def _tool_sum(names: Sequence[str]) -> str:
    """Calls by tool added up: a tool never called counts 0, a line without the map is missing."""
    total = " + ".join(f"coalesce(tool_counts['{name}'], 0)" for name in names)
    return f"CASE WHEN tool_counts IS NULL THEN NULL ELSE {total} END"


def _exclude(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Take out what is no record of a run, and say how many lines of each kind there were."""
    known = _quoted(outcome.value for outcome in Outcome)
    excluded: Counter[str] = Counter()
    excluded["torn or not a record"] = _delete(connection, "torn")
    connection.execute("CREATE TABLE seen AS SELECT run_id, count(*) AS lines FROM runs GROUP BY run_id")
    excluded[f"of a newer schema than {SCHEMA}"] = _delete(connection, f"version > {SCHEMA}")
    excluded["without a known outcome"] = _delete(connection, f"outcome IS NULL OR outcome NOT IN ({known})")
    repeated = connection.execute("SELECT count(*), sum(lines) FROM seen WHERE lines > 1").fetchone()
    if repeated and repeated[0]:
        excluded |= _exclude_repeated(connection)
    return excluded


def _exclude_repeated(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Of lines with one run_id keep one if they say the same, and none if they contradict each other."""
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
    row = connection.execute(f"DELETE FROM runs WHERE {condition}", list(values)).fetchone()
    return int(row[0]) if row else 0


def _cell(row: tuple[Any, ...]) -> Cell:
    *levels, keys, outcomes = row
    return Cell(dict(zip(FACTORS, levels, strict=True)), Counter(outcomes), frozenset(keys or ()))


def _quoted(values: Any) -> str:
    return ", ".join(f"'{value}'" for value in values)
