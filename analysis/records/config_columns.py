"""Columns of a pool that come from the configs in run folders."""

import json
from collections.abc import Mapping, Sequence

import duckdb

from analysis.records.configs import RunConfigs, Value, of_cell
from analysis.records.fields import Field, config_fields

MOST_CELLS = 1000
"""Cells whose configs are read."""


def join_cells(connection: duckdb.DuckDBPyConnection, configs: RunConfigs, asked: Sequence[Field]) -> list[str]:
    """Add the fields in which the configs of cells differ and those that are asked for; return the names of the former.

    What is not known of a cell, as its run folders are gone, is null.
    """
    if not configs.any:
        known: dict[str, Mapping[str, Value]] = {}
    else:
        rows = connection.execute(
            "SELECT cell, min(example), max(example) FROM runs WHERE cell IS NOT NULL GROUP BY cell ORDER BY cell "
            f"LIMIT {MOST_CELLS}"
        ).fetchall()
        found = {cell: configs.of(first) or configs.of(last) for cell, first, last in rows}
        known = {cell: of_cell(config) for cell, config in found.items() if config is not None}
    differing = [name for name in _names(known) if len({_text(one[name]) for one in known.values() if name in one}) > 1]
    kinds = {one.name: one.kind for one in asked} | {name: config_fields().get(name, "VARCHAR") for name in differing}
    _join(connection, "cell", known, kinds)
    return differing


def join_runs(connection: duckdb.DuckDBPyConnection, configs: RunConfigs, asked: Sequence[Field]) -> None:
    """Add fields of each run's own config, to a pool with one row a run."""
    if asked:
        rows = connection.execute("SELECT run_id FROM runs WHERE run_id IS NOT NULL").fetchall() if configs.any else []
        known = {run_id: config for (run_id,) in rows if (config := configs.of(run_id)) is not None}
        _join(connection, "run_id", known, {one.name: one.kind for one in asked})


def _join(
    connection: duckdb.DuckDBPyConnection,
    key: str,
    known: Mapping[str, Mapping[str, Value]],
    kinds: Mapping[str, str],
) -> None:
    if not kinds:
        return
    columns = ", ".join(f'"{name}" {kind}' for name, kind in kinds.items())
    connection.execute(f"CREATE TABLE configs (of_key VARCHAR, {columns})")
    values = [[of, *(_value(config.get(name), kind) for name, kind in kinds.items())] for of, config in known.items()]
    if values:
        places = ", ".join("?" * (1 + len(kinds)))
        connection.executemany(f"INSERT INTO configs VALUES ({places})", values)
    connection.execute(
        f"CREATE OR REPLACE TABLE runs AS SELECT * EXCLUDE (of_key) FROM runs LEFT JOIN configs ON {key} = of_key"
    )
    connection.execute("DROP TABLE configs")


def _names(known: Mapping[str, Mapping[str, Value]]) -> list[str]:
    return sorted({name for config in known.values() for name in config})


def _text(value: Value) -> str:
    return json.dumps(value)


def _value(value: Value, kind: str) -> Value:
    """Return a value of a column's type; None for one of another type, which an edited config may hold."""
    if value is None or kind == "VARCHAR":
        return None if value is None else value if isinstance(value, str) else _text(value)
    if kind == "BOOLEAN":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if kind == "DOUBLE" else value if isinstance(value, int) else None
