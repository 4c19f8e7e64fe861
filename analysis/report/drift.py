"""Drift of outcomes over time, which can look like the effect of a factor."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.records.groups import natural, varying
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, level_columns
from analysis.report.rates import report_of
from analysis.stats.multiplicity import holm
from analysis.stats.ordered import Order, drift

MEASURES = ("started", "id")
"""Measures of each run that are needed: runs with one start are in the order of a hash of their ids."""

COLUMNS = [
    Column("runs", "runs"),
    Column("early", "first half", "text"),
    Column("late", "second half", "text"),
    Column("p", "p", "p"),
    Column("p_adjusted", "p, Holm", "p"),
]

NOTES = ["p: rank sum of the completed runs in order of their start, two-sided, exact for small groups"]


def drift_report(pool: RunPool, paths: Sequence[Path]) -> CommandReport:
    """One row for each combination of everything that varies, and one for all of them together.

    The pool was read with `MEASURES` listed.
    """
    by = varying(pool.cells())
    # A run whose start cannot be read has no place in an order.
    groups = pool.arrays(by, order=MEASURES)
    groups.sort(key=lambda one: [natural(level) for level in one.levels.values()])
    orders = [(one.levels, one.completed) for one in groups]
    rows = [levels | _halves(order) | {"p": drift([order])} for levels, order in orders]
    tested = [row for row in rows if row["p"] is not None]
    for row, adjusted in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["p_adjusted"] = adjusted
    if len(rows) > 1:
        rows.append(
            {by[0]: "all", "runs": sum(len(order) for _, order in orders), "p": drift([order for _, order in orders])}
        )
    return report_of(pool, paths, [Table("drift", "outcomes over time", level_columns(by) + COLUMNS, rows, NOTES)])


def _halves(order: Order) -> dict[str, Any]:
    middle = len(order) // 2
    parts = {"early": order[:middle], "late": order[middle:]}
    return {"runs": len(order)} | {name: f"{int(part.sum())}/{len(part)}" for name, part in parts.items()}
