"""pass@k by task, and its mean over tasks."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from analysis.records.groups import RunGroup, apart, group, varying
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, interval_columns, level_columns
from analysis.report.rates import pooling_notes, report_of
from analysis.stats.pass_at_k import PassAtK, mean_pass_at_k, pass_at_k

NOTES = [
    "pass@k: chance that at least one of k runs completes; unbiased estimate (Chen and others 2021); – below k runs",
    "95%: Clopper and Pearson's interval of the rate carried over to k runs; of a mean over tasks, that of Korn and "
    "Graubard, about tasks like these",
]


def pass_at_k_report(pool: RunPool, paths: Sequence[Path], by: Sequence[str], sizes: Sequence[int]) -> CommandReport:
    """One row a task and arm, and one an arm with the mean over its tasks where there are several."""
    cells = pool.cells()
    groups = [one for one in group(cells, by or varying(cells)) if one.runs]
    columns = [Column("completed", "completed"), Column("runs", "runs")]
    estimates = [column for k in sizes for column in interval_columns(f"pass_at_{k}", f"pass@{k}", "rate")]
    levels = list(groups[0].levels) if groups else []
    rows = [
        one.levels
        | {"cells": one.cells}
        | _counts([one])
        | _shown((k, pass_at_k(one.completed, one.runs, k)) for k in sizes)
        for one in groups
    ]
    tables = [Table("pass-at-k", "pass@k", level_columns(levels) + columns + estimates, rows, pooling_notes(groups))]
    if "task" in levels:
        arms = [name for name in levels if name != "task"]
        means = [_mean(arm, sizes) for arm in apart([cell for one in groups for cell in one.cells], arms)]
        shown = [*level_columns(arms), Column("tasks", "tasks"), *columns, *estimates]
        tables.append(Table("pass-at-k-mean", "mean over tasks", shown, means))
    return report_of(pool, paths, tables, NOTES)


def _mean(arm: RunGroup, sizes: Sequence[int]) -> dict[str, Any]:
    tasks = [task for task in apart(arm.cells, ["task"]) if task.runs]
    counts = [(task.completed, task.runs) for task in tasks]
    shown = _shown((k, mean_pass_at_k(counts, k)) for k in sizes)
    return arm.levels | {"cells": arm.cells, "tasks": len(tasks)} | _counts(tasks) | shown


def _counts(groups: Sequence[RunGroup]) -> dict[str, Any]:
    return {"completed": sum(one.completed for one in groups), "runs": sum(one.runs for one in groups)}


def _shown(estimates: Iterable[tuple[int, PassAtK]]) -> dict[str, Any]:
    return {
        key: value
        for k, one in estimates
        for key, value in ((f"pass_at_{k}", one.estimate), (f"pass_at_{k}_interval", one.interval))
    }
