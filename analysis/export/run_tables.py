"""Runs as a table in a file: CSV, Parquet or JSON, one row for each recorded run."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb

from analysis.csv_text import csv_sql
from analysis.errors import AnalysisError
from analysis.records.fields import record_hints, sql_type
from analysis.records.lines import each_run
from analysis.records.marks import without_marks
from analysis.records.task_sets import SEEN_IN_TRAINING

SIMULATED = "simulated subject: a scripted policy, not a language model"

REMARKS = (
    f"nullif(concat_ws('; ', CASE WHEN simulated THEN '{SIMULATED}' END, "
    f"CASE WHEN task_public THEN 'public set: {SEEN_IN_TRAINING}' END), '')"
)
"""SQL of the warnings of a row, in words; null where there are none."""


class TableFormat(StrEnum):
    """Format of a table of runs."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON = "json"


OPTIONS = {
    TableFormat.CSV: "FORMAT csv, HEADER",
    TableFormat.PARQUET: "FORMAT parquet",
    TableFormat.JSON: "FORMAT json, ARRAY true",
}


@dataclass(frozen=True)
class WrittenRuns:
    """Counts of the runs in a file."""

    runs: int
    simulated: int
    public: int


def write_runs(ledgers: Sequence[Path], target: Path, form: TableFormat) -> WrittenRuns:
    """Write the runs of some ledgers in order of their start, each once, to a file that appears whole or not at all.

    The columns are the fields of a record, the ledger, and `remarks`. An unknown value is null: in CSV nothing between
    two commas, where an empty text is "". Raises AnalysisError for a ledger that cannot be read or holds no run, and
    for a file that cannot be written.
    """
    for path in ledgers:
        if not path.is_file():
            raise AnalysisError(f"{path}: no such ledger; a sweep writes it, or name yours with --runs")
    connection = duckdb.connect()
    try:
        with without_marks(ledgers) as read:
            paths = [str(path) for path in read]
            connection.execute(f"CREATE TABLE runs AS {each_run()}", [paths])
        names = "map(?::VARCHAR[], ?::VARCHAR[])"
        connection.execute(f"UPDATE runs SET ledger = {names}[ledger]", [paths, [str(path) for path in ledgers]])
    except duckdb.Error as error:
        raise AnalysisError(f"cannot read {', '.join(map(str, ledgers))}: {str(error).splitlines()[0]}") from error
    counts = connection.execute(
        "SELECT count(*), count(*) FILTER (simulated), count(*) FILTER (task_public) FROM runs"
    ).fetchall()[0]
    if not counts[0]:
        raise AnalysisError(f"{', '.join(map(str, ledgers))}: no run is recorded there")
    _copy(connection, f"SELECT {_columns(form)} FROM runs ORDER BY rowid", target, form)
    return WrittenRuns(*counts)


def _columns(form: TableFormat) -> str:
    kinds = {name: sql_type(kind) for name, kind in record_hints().items()} | {"ledger": "VARCHAR"}
    columns = [f'{_value(name, kind, form)} AS "{name}"' for name, kind in kinds.items()]
    return ", ".join([*columns, f"{REMARKS} AS remarks"])


def _value(name: str, kind: str, form: TableFormat) -> str:
    # A run is simulated or not; lines older than the field are of real models.
    value = "coalesce(simulated, false)" if name == "simulated" else f'"{name}"'
    if form is not TableFormat.CSV or kind in ("BIGINT", "DOUBLE", "BOOLEAN"):
        return value
    return csv_sql(value if kind == "VARCHAR" else f"to_json({value})::VARCHAR")


def _copy(connection: duckdb.DuckDBPyConnection, query: str, target: Path, form: TableFormat) -> None:
    """Write what a query gives beside the target, then put it in the target's place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        quoted = str(fresh).replace("'", "''")
        connection.execute(f"COPY ({query}) TO '{quoted}' ({OPTIONS[form]})")
        fresh.replace(target)
    except duckdb.Error as error:
        raise AnalysisError(f"{target}: cannot be written: {str(error).splitlines()[0]}") from error
    finally:
        fresh.unlink(missing_ok=True)
