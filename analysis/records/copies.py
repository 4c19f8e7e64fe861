"""Runs that are copies of each other: results of one cell with the same sampling seed and the same transcript."""

import duckdb

from analysis.records.lines import COUNTED
from analysis.records.single import single_runs

COPIES = "that repeat another run of their cell: same sampling seed, same outcome, same transcript"

_SEEDED = f"outcome IN ({COUNTED}) AND cell IS NOT NULL AND copy IS NOT NULL"


def has_copies(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether any run is a copy of another."""
    return any(not unknown for unknown, _ in _alike(connection))


def exclude_copies(connection: duckdb.DuckDBPyConnection) -> tuple[int, list[str]]:
    """Keep the first of several copies; return how many others there were, and a warning of runs that may be copies.

    Where there are copies, the pool has one row a run.
    """
    alike, excluded = _alike(connection), 0
    if any(not unknown for unknown, _ in alike):
        rank = "row_number() OVER (PARTITION BY cell, outcome, copy ORDER BY started, example)"
        known = f"{_SEEDED} AND copy % 2 = 0"
        later = f"SELECT rowid FROM runs WHERE {known} QUALIFY {rank} > 1"
        excluded = len(connection.execute(f"DELETE FROM runs WHERE rowid IN ({later}) RETURNING 1").fetchall())
    return excluded, _warning(sum(runs for unknown, runs in alike if unknown))


def _alike(connection: duckdb.DuckDBPyConnection) -> list[tuple[bool, int]]:
    """Sets of runs that may be copies of each other: whether that is unknown, and how many runs they are."""
    if not connection.execute("SELECT 1 FROM runs WHERE seeded > 0 LIMIT 1").fetchone():
        return []
    return connection.execute(
        f"SELECT copy % 2 = 1 AS unknown, count(*) AS runs FROM {single_runs(connection)} WHERE {_SEEDED} "
        "GROUP BY cell, outcome, copy HAVING count(*) > 1"
    ).fetchall()


def _warning(runs: int) -> list[str]:
    if not runs:
        return []
    return [
        f"perhaps copies: {runs} runs share their cell, outcome and sampling seed with another, and older lines hold "
        "no hash of the transcript: all are counted, as if they were independent"
    ]
