"""Runs one by one, whichever tables of a pool they lie in."""

import duckdb


def is_single(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether `runs` has one row a run; otherwise it has one for each kind, and `lines` has one for each run."""
    return not connection.execute("SELECT 1 FROM duckdb_columns() WHERE table_name = 'lines'").fetchone()


def single_runs(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the SQL of the runs that are left, a row each, with what differs between them."""
    if is_single(connection):
        return "runs"
    columns = (set(_columns(connection, table)) for table in ("runs", "lines"))
    both = ", ".join(sorted(set.intersection(*columns)))
    return f"(SELECT runs.*, lines.* EXCLUDE ({both}) FROM runs JOIN lines ON runs.kind = lines.kind)"


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
