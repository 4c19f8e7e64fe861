"""Measures of results as arrays, for questions that look at every run of a large ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from harness.outcome import Outcome

SINGLE = {"start": "started", "id": "ids[1]"}
"""Measures that have another name where each run has a row."""


@dataclass(frozen=True)
class RunArrays:
    """Results at some levels, with measures of each."""

    levels: dict[str, Any]
    completed: NDArray[np.bool_]
    values: dict[str, NDArray[np.float64]]
    """By measure; of the shape of `completed`, NaN where it was not measured."""


def read_arrays(
    connection: duckdb.DuckDBPyConnection, condition: str, by: Sequence[str], names: Sequence[str], order: Sequence[str]
) -> list[RunArrays]:
    """Read measures of the rows of `runs` that meet a condition, sorted by some measures within each combination.

    A run of which the first of these was not measured has no place in the order, and is left out.
    """
    columns = {row[0] for row in connection.execute("DESCRIBE runs").fetchall()}
    is_listed = "measured" in columns
    sql = {name: f"measured.{name}" if is_listed else f'"{name}"' for name in (*names, *order)}
    each = "SELECT * EXCLUDE (measured), unnest(measured) AS measured" if is_listed else "SELECT *"
    shown = "".join(f', "{name}"' for name in by)
    rank = f"dense_rank() OVER (ORDER BY {shown[2:]})" if by else "1"
    kept = ", measured" if is_listed else "".join(f', {SINGLE.get(name, name)} AS "{name}"' for name in sql)
    ranked = f"SELECT {rank}::INTEGER AS place{shown}, outcome{kept} FROM runs WHERE {condition}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE ranked AS {ranked}")
    levels = connection.execute(f"SELECT DISTINCT place{shown} FROM ranked ORDER BY ALL").fetchall()
    values = [f"coalesce({sql[name]}::DOUBLE, 'nan'::DOUBLE) AS {name}" for name in names]
    sort = f"WHERE {sql[order[0]]} IS NOT NULL ORDER BY {', '.join(sql[name] for name in order)}" if order else ""
    arrays: dict[str, Any] = connection.execute(
        f"SELECT place, outcome = '{Outcome.COMPLETED}' AS completed{''.join(', ' + one for one in values)} "
        f"FROM ({each} FROM ranked) {sort}"
    ).fetchnumpy()
    connection.execute("DROP TABLE ranked")
    places = np.argsort(arrays["place"], kind="stable")
    ends = np.searchsorted(arrays["place"][places], [place for place, *_ in levels], side="right")
    return [
        RunArrays(
            dict(zip(by, own, strict=True)),
            np.asarray(arrays["completed"][here]),
            {name: np.asarray(arrays[name][here]) for name in names},
        )
        for (_, *own), here in zip(levels, np.split(places, ends[:-1]), strict=True)
    ]
