"""Measures of results as arrays, for questions that look at every run of a large ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from analysis.records.single import is_single
from harness.outcome import Outcome


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
    shown = "".join(f', "{name}"' for name in by)
    rank = f"dense_rank() OVER (ORDER BY {shown[2:]})" if by else "1"
    ranked = f"SELECT {rank}::INTEGER AS place{shown}, outcome, kind FROM runs WHERE {condition}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE ranked AS {ranked}")
    levels = connection.execute(f"SELECT DISTINCT place{shown} FROM ranked ORDER BY ALL").fetchall()
    if not levels:
        return []
    values = [f"coalesce({name}::DOUBLE, 'nan'::DOUBLE) AS {name}" for name in names]
    sort = f"WHERE {order[0]} IS NOT NULL ORDER BY {', '.join(order)}" if order else ""
    own = ", ".join(dict.fromkeys([*names, *order])) or "kind"
    measured = f"SELECT kind, {own} FROM {'runs' if is_single(connection) else 'lines'}"
    arrays: dict[str, Any] = connection.execute(
        f"SELECT place, outcome = '{Outcome.COMPLETED}' AS completed{''.join(', ' + one for one in values)} "
        f"FROM ranked JOIN ({measured}) AS measured ON ranked.kind = measured.kind {sort}"
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
