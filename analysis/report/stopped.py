"""Marks of arms that were stopped early, in every table that shows their rate."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from analysis.contrasts.stopped import StoppedArms
from analysis.records.cells import PooledCell, SweepCell
from analysis.render import Column, Table

STOPPED = Column("stopped", "stopped early", "text")

BIASED = (
    "stopped early: such rates and differences are as observed, not adjusted for the stop. On average a difference is "
    "inflated where a sweep stopped because the arms differed, and too small where it stopped because they did not"
)

ADJUSTED = (
    "adjusted: the rate without the bias of the stop, right on average over all sweeps under this rule (Girshick, "
    "Mosteller and Savage 1946); known for contrasts in one stratum"
)

DAGGER = "†"


def marked(tables: Sequence[Table], stopped: StoppedArms) -> list[Table]:
    """Return the tables, with a column and notes on arms that were stopped early, where a row's `cells` hold any."""
    return [_marked(table, stopped) for table in tables]


def dagger(stopped: StoppedArms, cells: Iterable[Any]) -> str:
    """Return the sign that stands beside the counts of some cells in a figure, if any of them was stopped early."""
    return DAGGER if stopped.among(_keys(cells)) else ""


def _marked(table: Table, stopped: StoppedArms) -> Table:
    arms = [stopped.among(_keys(row.get("cells", ()))) for row in table.rows]
    if not any(arms):
        return table
    rows = [row | {"stopped": "; ".join(map(str, one)) or None} for row, one in zip(table.rows, arms, strict=True)]
    sweeps = dict.fromkeys(f"sweep {arm.sweep}, {arm.factor}: {arm.decision}" for one in arms for arm in one)
    adjusted = [ADJUSTED] if any(arm.adjusted is not None for one in arms for arm in one) else []
    notes = [*table.notes, *sweeps, BIASED, *adjusted]
    return replace(table, columns=[*table.columns, STOPPED], rows=rows, notes=notes)


def _keys(cells: Iterable[Any]) -> set[str]:
    keys: set[str] = set()
    for cell in cells:
        if isinstance(cell, PooledCell):
            keys |= cell.keys
        elif isinstance(cell, SweepCell) and cell.cell is not None:
            keys.add(cell.cell)
    return keys
