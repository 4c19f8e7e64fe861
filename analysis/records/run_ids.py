"""Run ids behind a count: they link a row of a table, or a mark of a figure, to its runs."""

from collections.abc import Iterable
from typing import Any

from analysis.records.cells import PooledCell, SweepCell
from analysis.records.pool import RunPool

Key = tuple[Any, ...]


class RunIds:
    """The results of a pool read with measures, by the cells that are counted. Faults are behind no rate."""

    def __init__(self, pool: RunPool) -> None:
        self._known: dict[Key, list[str]] = {}
        for run_id, *levels in pool.rows("run_id", *pool.names):
            self._known.setdefault(tuple(levels), []).append(run_id)
        # A declared test is over its whole sweep, whatever part of it is looked at.
        for run_id, *place in pool.swept_runs():
            self._known.setdefault(tuple(place), []).append(run_id)

    def of(self, cells: Iterable[PooledCell | SweepCell]) -> list[str]:
        """The runs of some cells, in order of their start within each, every run once."""
        return list(dict.fromkeys(run_id for cell in cells for run_id in self._known.get(_key(cell), [])))


def _key(cell: PooledCell | SweepCell) -> Key:
    if isinstance(cell, SweepCell):
        return cell.sweep, cell.cell
    return tuple(cell.levels.values())
