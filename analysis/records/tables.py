"""Tables of a pool: `runs`, which is counted, and where it has a row for each kind of run, `lines` with each run."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from analysis.errors import AnalysisError
from analysis.records.column_copy import LEAST_GROWTH, ColumnCopy, FileState, blocks
from analysis.records.fields import Field
from analysis.records.lines import COPIED, EACH, LAYOUT, counted, one_by_one
from analysis.records.marks import any_marked, without_marks

_Source = tuple[str, str]
"""SQL of the kinds of runs in some lines, and of their runs."""


def load_single(paths: Sequence[Path], facts: Sequence[Field]) -> duckdb.DuckDBPyConnection:
    """Read ledgers with a row for each line and its measures. Raises AnalysisError where that fails."""
    connection = _connect()
    with without_marks(paths) as read:
        _read(connection, one_by_one(facts), read)
    connection.execute("CREATE TABLE seen AS SELECT id FROM runs")
    return connection


def load_kinds(
    paths: Sequence[Path], facts: Sequence[Field], measures: Sequence[str], *, by_sweep: bool
) -> duckdb.DuckDBPyConnection:
    """Read ledgers with a row for each kind of run. Raises AnalysisError where that fails.

    Without `facts`, large ledgers are read from their columnar copies, which are made and extended here.
    """
    copies = [] if facts else [ColumnCopy(path, LAYOUT) for path in paths]
    connection = None
    if any(copy.is_wanted for copy in copies):
        # Whatever is wrong with a copy, the ledger is there.
        with suppress(duckdb.Error, OSError, AnalysisError):
            connection = _from_copies(copies, measures)
    if connection is None:
        connection = _connect(threads=1)
        _unite(connection, [_group(connection, paths, facts, measures, 0)[0]], measures)
    if by_sweep:
        for statement in _BY_SWEEP:
            connection.execute(statement)
    connection.execute("CREATE VIEW seen AS SELECT id FROM lines")
    return connection


_BY_SWEEP = (
    "CREATE TABLE swept_kinds AS SELECT row_number() OVER () AS kind, * FROM (SELECT kind AS of_kind, sweep, "
    "count(*) AS n, count(copy) AS seeded, min(run_id) AS example FROM lines GROUP BY ALL)",
    "CREATE OR REPLACE TABLE runs AS SELECT runs.* REPLACE (one.kind AS kind, one.n AS n, one.seeded AS seeded, "
    "one.example AS example), one.sweep FROM runs JOIN swept_kinds AS one ON runs.kind = of_kind",
    "CREATE OR REPLACE TABLE lines AS SELECT lines.* REPLACE (one.kind AS kind) FROM lines "
    "JOIN swept_kinds AS one ON lines.kind = of_kind AND lines.sweep IS NOT DISTINCT FROM one.sweep",
)
"""Make the sweep one of the columns of `runs`."""


def _from_copies(copies: Sequence[ColumnCopy], measures: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """Read ledgers, those that are large from their copies."""
    connection = _connect(threads=1)
    sources: list[_Source] = []
    for copy in copies:
        if copy.is_wanted:
            sources += _read_copied(connection, copy, len(sources))
    if small := [copy.ledger for copy in copies if not copy.is_wanted]:
        sources.append(_group(connection, small, (), COPIED, len(sources))[0])
    _unite(connection, sources, measures)
    return connection


def _read_copied(connection: duckdb.DuckDBPyConnection, copy: ColumnCopy, number: int) -> list[_Source]:
    """Return what a ledger's copy and the lines after it hold; make or extend the copy where that pays."""
    state, manifest = FileState.of(copy.ledger), copy.read()
    if manifest is None:
        source, is_plain = _group(connection, [copy.ledger], (), COPIED, number)
        part = None
        if is_plain and _ends_a_line(copy.ledger, state.size):
            with suppress(duckdb.Error, OSError):
                part = copy.write(connection, *source, state)
        if part is None:
            return [source]
        # The files take less memory than the lists.
        _drop(connection, source)
        return [_parquet(*copy.files(part))]
    sources = [_parquet(*copy.files(part)) for part in manifest.parts]
    if manifest.covered == state.size:
        return sources
    with tempfile.TemporaryDirectory(prefix="harness-ledgers-") as folder:
        tail = Path(folder, "tail.jsonl")
        with tail.open("wb") as file:
            file.writelines(blocks(copy.ledger, manifest.covered, state.size))
        source, is_plain = _group(connection, [tail], (), COPIED, number)
    is_much = state.size - manifest.covered >= LEAST_GROWTH * manifest.covered
    if is_much and is_plain and _ends_a_line(copy.ledger, state.size):
        with suppress(duckdb.Error, OSError):
            copy.write(connection, *source, state, manifest)
    return [*sources, source]


def _group(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    facts: Sequence[Field],
    measures: Sequence[str],
    number: int,
) -> tuple[_Source, bool]:
    """Read ledgers into a table and a view; return them, and whether the files were read as they are."""
    create = counted(facts, measures)
    _read(connection, create, paths)
    is_torn = connection.execute("SELECT 1 FROM grouped WHERE torn LIMIT 1").fetchone() is not None
    is_plain = not (is_torn and any_marked(paths))
    if not is_plain:
        connection.execute("DROP TABLE grouped")
        with without_marks(paths) as read:
            _read(connection, create, read)
    kinds, lines, lists = (f"{name}_{number}" for name in ("kinds", "lines", "lists"))
    connection.execute(f"CREATE TABLE {kinds} AS SELECT * EXCLUDE (lines) FROM grouped")
    connection.execute(f"ALTER TABLE grouped RENAME TO {lists}")
    each = f"SELECT kind, unnest(line) FROM (SELECT kind, unnest(lines) AS line FROM {lists})"
    connection.execute(f"CREATE VIEW {lines} AS {each}")
    return (kinds, lines), is_plain


def _unite(connection: duckdb.DuckDBPyConnection, sources: Sequence[_Source], measures: Sequence[str]) -> None:
    """Make `runs` and `lines` of all sources, whose kinds are numbered from 1 each."""
    columns = (*EACH, *measures)
    own = [f"kind + {place << 32} AS kind" for place in range(len(sources))]
    kinds = (f"SELECT * REPLACE ({kind}) FROM {source}" for kind, (source, _) in zip(own, sources, strict=True))
    lines = (
        f"SELECT {kind}, {', '.join(columns)} FROM {source}" for kind, (_, source) in zip(own, sources, strict=True)
    )
    connection.execute(f"CREATE TABLE runs AS {' UNION ALL BY NAME '.join(kinds)}")
    connection.execute(f"CREATE TABLE lines AS {' UNION ALL BY NAME '.join(lines)}")
    for source in sources:
        _drop(connection, source)


def _drop(connection: duckdb.DuckDBPyConnection, source: _Source) -> None:
    kinds, lines = source
    if not kinds.startswith("read_parquet"):
        for statement in (f"VIEW {lines}", f"TABLE {kinds}", f"TABLE {lines.replace('lines', 'lists')}"):
            connection.execute(f"DROP {statement}")


def _parquet(*paths: Path) -> _Source:
    kinds, lines = (str(path).replace("'", "''") for path in paths)
    return f"read_parquet('{kinds}')", f"read_parquet('{lines}')"


def _ends_a_line(path: Path, size: int) -> bool:
    return b"".join(blocks(path, size - 1, size)) == b"\n"


def _connect(threads: int | None = None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    if threads is not None:
        # Each thread has buffers of its own, and lists of a million runs leave no room for them.
        connection.execute(f"SET threads = {threads}")
    # Freed memory goes back to the system at once, and not only when much of it is free.
    connection.execute("SET allocator_background_threads = true; SET allocator_flush_threshold = '16MB'")
    connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
    return connection


def _read(connection: duckdb.DuckDBPyConnection, create: str, paths: Sequence[Path]) -> None:
    try:
        connection.execute(create, [[str(path) for path in paths]])
    except duckdb.Error as error:
        raise AnalysisError(f"cannot read {', '.join(map(str, paths))}: {str(error).splitlines()[0]}") from error
