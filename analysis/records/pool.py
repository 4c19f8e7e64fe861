"""Reads ledgers, ours and the original's, and says what it left out and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from analysis.errors import AnalysisError
from analysis.records.cells import Level, PooledCell, SweepCell, attempts, in_sql, read_cells, singly
from analysis.records.columns import ENVIRONMENT, FACTORS, MEASURES
from analysis.records.config_columns import join_cells, join_runs
from analysis.records.configs import RunConfigs
from analysis.records.copies import COPIES, exclude_copies, has_copies
from analysis.records.exclusions import ORIGINALS, TORN_LINES, delete, exclude, exclude_original, has_repeated
from analysis.records.fields import Field, FieldSource, config_fields, field_of
from analysis.records.lines import COUNTED
from analysis.records.server_facts import refuse_unreported
from analysis.records.single import is_single, single_runs
from analysis.records.tables import load_kinds, load_single
from analysis.records.unfinished import UnfinishedRun, read_starts, started_runs
from analysis.records.where import RunFilter, as_level
from analysis.stats.arms import TwoArms
from harness.outcome import Outcome

if TYPE_CHECKING:
    import pandas as pd

    from analysis.records.run_arrays import RunArrays

DONE = f"outcome = '{Outcome.COMPLETED}' AND "

STORED = (*ENVIRONMENT, "cell", "schema", "sweep", "outcome")
"""Fields that are columns of every pool, beside the factors."""

BY_RUN = (*MEASURES, "block", "run_id", "pass_reasons")
"""Fields that are columns of a pool read with measures."""

SWEPT = (
    f"SELECT sweep, cell, simulated, model, count(*) FILTER (outcome = '{Outcome.COMPLETED}') AS completed, "
    f"count(*) FILTER (outcome IN ({COUNTED})) AS runs, min(started) AS started"
)

SWEPT_RUNS = f"SELECT run_id, sweep, cell, started FROM runs WHERE outcome IN ({COUNTED})"


class RunPool:
    """The runs of some ledgers, each once, with what was excluded counted by reason."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        excluded: Counter[str],
        warnings: Sequence[str],
        names: Sequence[str],
        configs: RunConfigs,
    ) -> None:
        self._connection = connection
        self.excluded = excluded
        self.warnings = warnings
        """Doubts about the runs that are counted, a line each."""
        self.names = tuple(names)
        """Names of the levels of a cell: the factors, further fields that were asked for, and those of the configs in
        which cells differ."""
        self.configs = configs
        self._known: list[PooledCell] | None = None
        self._is_single = is_single(connection)
        self._each = single_runs(connection)

    @classmethod
    def read(
        cls,
        paths: Sequence[Path],
        where: Sequence[RunFilter] = (),
        *,
        measures: bool = False,
        listed: Sequence[str] = (),
        facts: Sequence[str] = (),
        pool_original: bool = False,
    ) -> "RunPool":
        """Read whole ledgers. Without `measures` runs are only counted, which is much faster; `listed` are measures
        that `arrays` gives of them nevertheless.

        `facts` are fields that are needed beside the factors and those of the filters. Lines of the original instrument
        are left out where there are others too, unless `pool_original` is set. Raises AnalysisError where a ledger
        cannot be read, for an unknown field, and for a fact of the server that no run has.
        """
        for path in paths:
            if not path.is_file():
                raise AnalysisError(f"{path}: no such ledger; a sweep writes it, or name yours with --runs")
        fields = _fields([*facts, *(condition.column for condition in where)])
        measures |= any(one.source is FieldSource.RUN or one.name in BY_RUN for one in fields)
        of_lines = [one for one in fields if one.name not in (*STORED, *(BY_RUN if measures else ()))]
        by_sweep = any(one.name == "sweep" for one in fields)
        connection = None if measures else load_kinds(paths, of_lines, listed, by_sweep=by_sweep)
        are_distinct = connection is not None and not has_repeated(connection)
        if connection is None or not are_distinct or has_copies(connection):
            # Which lines of a run to believe can only be told line by line.
            connection = load_single(paths, of_lines)
        # A key of the config is a field, whether a server reports it or not.
        facts = [one.name for one in of_lines if one.source is FieldSource.SERVER and one.name not in config_fields()]
        refuse_unreported(_unreported(connection, facts))
        excluded = exclude(connection, are_distinct=are_distinct)
        excluded[COPIES], warnings = exclude_copies(connection)
        if (
            excluded[TORN_LINES]
            and (excluded[TORN_LINES],) == connection.execute("SELECT count(*) FROM seen").fetchone()
        ):
            raise AnalysisError(f"{', '.join(map(str, paths))}: no line of it is a record of a run: is it a ledger?")
        configs = RunConfigs(list(dict.fromkeys(path.parent for path in paths)))
        hidden = join_cells(connection, configs, [one for one in fields if one.source is FieldSource.CELL])
        join_runs(connection, configs, [one for one in fields if one.source is FieldSource.RUN])
        names = tuple(dict.fromkeys([*FACTORS, *(one.name for one in fields), *hidden]))
        # All runs, whatever part of them a question is about.
        kept = "TABLE" if where else "VIEW"
        connection.execute(f"CREATE {kept} swept AS {SWEPT} FROM {single_runs(connection)} GROUP BY ALL")
        if measures:
            connection.execute(f"CREATE {kept} swept_runs AS {SWEPT_RUNS}")
        connection.execute(f"CREATE {kept} whole AS {attempts(names, single=is_single(connection))}")
        for condition in where:
            left_out = delete(connection, f"NOT coalesce({condition.sql}, false)", condition.values)
            excluded[f"left out by --where {condition.text}"] += left_out
        if not pool_original:
            excluded[ORIGINALS] = exclude_original(connection)
        return cls(connection, +excluded, warnings, names, configs)

    def cells(self) -> list[PooledCell]:
        """One entry for each combination of levels that occurs, in order."""
        if self._known is None:
            counts = f"({attempts(self.names, single=self._is_single)})"
            self._known = self._read(counts, singly(counts, single=self._is_single), self.unfinished)
        return list(self._known)

    def cells_of(self, sweep: str) -> list[PooledCell]:
        """The cells of one sweep; filtered runs included."""
        each = singly("whole", single=self._is_single)
        swept = f"(SELECT * FROM {each} WHERE of_sweep = '{sweep.replace(chr(39), 2 * chr(39))}')"
        return self._read(swept, swept, [run for run in self.unfinished if run.sweep in (None, sweep)])

    @cached_property
    def unfinished(self) -> list[UnfinishedRun]:
        """Runs with a folder beside the ledgers and on no line: under way, or killed."""
        return read_starts(self.configs.folders, self.unknown(started_runs(self.configs.folders)))

    def _read(self, source: str, each: str, unfinished: Sequence[UnfinishedRun]) -> list[PooledCell]:
        return read_cells(self._connection, source, each, self.names, self.configs, unfinished)

    def sweeps(self) -> list[tuple[str | None, bool, str | None, int]]:
        """Sweep, whether simulated, model, and how many runs there are of them."""
        return self._connection.execute(
            f"SELECT sweep, simulated, model, count(*) FROM {self._each} GROUP BY ALL ORDER BY ALL"
        ).fetchall()

    def swept(self, sweeps: Iterable[str], cells: Iterable[str]) -> list[SweepCell]:
        """Some sweeps, and whatever else was run of some cells; filtered runs included."""
        names, keys = list(sweeps), list(cells)
        if not names and not keys:
            return []
        result = self._connection.execute(
            "SELECT * FROM swept WHERE sweep IN (SELECT unnest(?::VARCHAR[])) OR cell IN (SELECT unnest(?::VARCHAR[])) "
            "ORDER BY ALL",
            [names, keys],
        )
        return [SweepCell(*row) for row in result.fetchall()]

    def blocks(
        self, factor: str, pair: tuple[Level, Level], subject: Mapping[str, Level], alike: Sequence[str]
    ) -> list[TwoArms]:
        """Two levels of a factor against each other within each block of each sweep, some other factors alike."""
        counts = ", ".join(
            f"count(*) FILTER ({done}{as_level(factor)} = ?) AS {name}"
            for name, done in (("k_a", DONE), ("n_a", ""), ("k_b", DONE), ("n_b", ""))
        )
        of = " AND ".join(["block IS NOT NULL", *(f'"{name}" IS NOT DISTINCT FROM ?' for name in subject)])
        result = self._connection.execute(
            f"SELECT k_a, n_a, k_b, n_b, count(*) FROM (SELECT {in_sql([*alike, 'sweep', 'block'])}, {counts} FROM "
            f"(SELECT {in_sql({factor, *alike, *subject, 'sweep', 'block'})}, outcome FROM {self._each} "
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
                "WHERE hash(run_id) NOT IN (SELECT id FROM seen) ORDER BY run_id",
                [sought],
            ).fetchall()
        ]

    def rows(self, *columns: str, results: bool = True) -> list[tuple[Any, ...]]:
        """Some columns of the runs that count, in order of their start; of a pool read with measures.

        Without `results` those that do not count, faults and interruptions, are among them.
        """
        chosen = f"outcome IN ({COUNTED})" if results else "true"
        return self._connection.execute(
            f"SELECT {in_sql(columns)} FROM runs WHERE {chosen} ORDER BY started, run_id"
        ).fetchall()

    def arrays(self, by: Sequence[str], *names: str, order: Sequence[str] = ()) -> "list[RunArrays]":
        """Measures of the results as arrays, by the levels of some factors in natural order.

        Of a pool read with these measures listed, or with all of them. What was not measured is NaN.
        """
        from analysis.records.run_arrays import read_arrays  # noqa: PLC0415 - loads NumPy, which few questions need

        return read_arrays(self._connection, f"outcome IN ({COUNTED})", by, names, order)

    def frame(self) -> "pd.DataFrame":
        """Everything that was read of each run, faults and interruptions too; of a pool read with measures."""
        return self._connection.execute(
            "SELECT * EXCLUDE (n, id, kind, seeded, torn, copy) FROM runs ORDER BY started, run_id"
        ).df()


def _fields(names: Iterable[str]) -> list[Field]:
    """Return the fields of some names that are not read for every question, each once."""
    fields = [field_of(name, "column") for name in dict.fromkeys(names)]
    return [one for one in fields if not one.read]


def _unreported(connection: duckdb.DuckDBPyConnection, facts: Sequence[str]) -> list[str]:
    """Facts that no run has; none where there is no run."""
    counts = ", ".join(["count(*)", *(f'count("{name}")' for name in facts)])
    rows, *known = connection.execute(f"SELECT {counts} FROM runs").fetchall()[0]
    return [name for name, times in zip(facts, known, strict=True) if rows and not times]
