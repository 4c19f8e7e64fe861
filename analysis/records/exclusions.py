"""Lines of ledgers that are not counted, by reason."""

from collections import Counter
from collections.abc import Sequence

import duckdb

from analysis.records.lines import quoted
from analysis.records.single import single_runs
from harness.outcome import Outcome
from harness.record import SCHEMA

TORN_LINES = "torn or not a record"

ORIGINALS = "of the original instrument, which --pool-original counts with the others"


def has_repeated(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether several lines have one identity."""
    each = single_runs(connection)
    row = connection.execute(f"SELECT count(*) > count(DISTINCT id) FROM {each} WHERE NOT torn").fetchone()
    return row is not None and bool(row[0])


def exclude(connection: duckdb.DuckDBPyConnection, *, are_distinct: bool) -> Counter[str]:
    """Take out what is no record of a run, and say how many lines of each kind there were.

    `are_distinct` is true where it is known that no two lines have one identity.
    """
    known = quoted(outcome.value for outcome in Outcome)
    excluded: Counter[str] = Counter()
    excluded[TORN_LINES] = delete(connection, "torn")
    excluded[f"of a newer schema than {SCHEMA}"] = delete(connection, f"schema > {SCHEMA}")
    excluded["without a known outcome"] = delete(connection, f"outcome IS NULL OR outcome NOT IN ({known})")
    if are_distinct or not has_repeated(connection):
        return excluded
    return excluded | _exclude_repeated(connection)


def _exclude_repeated(connection: duckdb.DuckDBPyConnection) -> Counter[str]:
    """Keep one of several lines with one run_id if they agree, and none if they contradict each other."""
    contradicting = (
        "run_id IN (SELECT run_id FROM runs GROUP BY run_id "
        "HAVING count(DISTINCT struct_pack(outcome, started, cell, task, model)) > 1)"
    )
    excluded = Counter({"with a run_id that other lines contradict": delete(connection, contradicting)})
    later = "rowid NOT IN (SELECT min(rowid) FROM runs GROUP BY run_id)"
    excluded["repeated, by run_id"] = delete(connection, later)
    return excluded


def exclude_original(connection: duckdb.DuckDBPyConnection) -> int:
    """Take out lines of the original instrument where there are others too, and return how many there were."""
    original = "cell IS NULL AND schema IS NULL AND example IS NULL"
    others = connection.execute(f"SELECT count(*) FROM runs WHERE NOT ({original})").fetchall()[0][0]
    return delete(connection, original) if others else 0


def delete(
    connection: duckdb.DuckDBPyConnection, condition: str, values: Sequence[str | int | float | bool | None] = ()
) -> int:
    """Delete runs, and return how many there were."""
    rows = connection.execute(f"DELETE FROM runs WHERE {condition} RETURNING n", list(values)).fetchall()
    return sum(runs for (runs,) in rows)
