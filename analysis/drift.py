"""Whether outcomes moved with time: what a factor seems to do may be what an afternoon did."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.groups import natural, varying
from analysis.pool import Pool
from analysis.rates import left_out, subject_line
from analysis.render import Column, Report, Table
from analysis.stats.multiplicity import holm
from analysis.stats.ordered import drift

COLUMNS = [
    Column("runs", "runs"),
    Column("early", "first half", "text"),
    Column("late", "second half", "text"),
    Column("p", "p", "p"),
    Column("p_adjusted", "p, Holm", "p"),
]

NOTES = ["p: rank sum of the completed runs in order of their start, two-sided, exact for small groups"]


def drift_report(pool: Pool, paths: Sequence[Path]) -> Report:
    """One row for each combination of everything that varies, and one for all of them together."""
    cells = pool.cells()
    by = varying(cells)
    orders: dict[tuple[Any, ...], list[bool]] = {}
    for *levels, outcome, started in pool.rows(*by, "outcome", "started"):
        # A run whose start cannot be read has no place in an order.
        if started is not None:
            orders.setdefault(tuple(levels), []).append(outcome == "completed")
    rows = [
        dict(zip(by, levels, strict=True)) | _halves(orders[levels]) | {"p": drift([orders[levels]])}
        for levels in sorted(orders, key=lambda levels: [natural(level) for level in levels])
    ]
    tested = [row for row in rows if row["p"] is not None]
    for row, adjusted in zip(tested, holm([row["p"] for row in tested]), strict=True):
        row["p_adjusted"] = adjusted
    if len(rows) > 1:
        rows.append({by[0]: "all", "runs": sum(map(len, orders.values())), "p": drift(list(orders.values()))})
    columns = [Column(name, name, "level") for name in by] + COLUMNS
    return Report(
        subject_line(cells), [Table("drift", "outcomes over time", columns, rows, NOTES)], left_out(pool, paths)
    )


def _halves(order: Sequence[bool]) -> dict[str, Any]:
    middle = len(order) // 2
    parts = {"early": order[:middle], "late": order[middle:]}
    return {"runs": len(order)} | {name: f"{sum(part)}/{len(part)}" for name, part in parts.items()}
