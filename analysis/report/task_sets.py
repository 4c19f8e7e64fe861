"""Report of `tasks`: each set of tasks, arm by arm, task by task, and arm against arm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.records.groups import RunGroup, levels_of
from analysis.records.pool import RunPool
from analysis.records.task_sets import SCOPE, SetArm, TaskSet, UnitKey, task_sets
from analysis.render import Column, CommandReport, Table, interval_columns, level_columns
from analysis.report.rates import pooling_notes, report_of
from analysis.report.set_contrasts import contrasts_table, separating_table
from analysis.stats.clustered import clustered_rate, run_to_run
from analysis.stats.pass_at_k import mean_pass_at_k
from analysis.stats.proportion import clopper_pearson
from harness.outcome import Outcome

EFFORT = {"passes": "passes", "total_tokens": "tokens"}

FAILED = [Column(name, name) for name in (Outcome.FAULT.value, Outcome.INTERRUPTED.value)]

COUNTS = [Column("completed", "completed"), Column("runs", "runs")]

RATE = [Column("rate", "rate", "rate"), Column("rate_interval", "tasks like these, 95%", "rate")]

NOTES = [
    "rate: mean over tasks of their completion rates; its interval is about tasks like these (Korn and Graubard 1998, "
    "effective runs from the spread between tasks)",
    "solved: tasks of which at least one run completed; pass@k: chance that at least one of k runs completes (Chen and "
    "others 2021), mean over tasks, its interval as that of the rate",
]

ONE_RUN = (
    "ONE RUN A TASK: how much a second run of the same tasks would differ is unknown, pass@k is known for k = 1 alone, "
    "and what came of a single task is one run's luck as much as its difficulty"
)


def tasks_report(pool: RunPool, paths: Sequence[Path], by: Sequence[str], sizes: Sequence[int]) -> CommandReport:
    """Rates by set and arm, arms against each other, tasks that separate them, rates by difficulty, and each task.

    Of a pool read with measures and the `FACTS` of sets. Raises AnalysisError where nothing has a result.
    """
    cells = pool.cells()
    sets = task_sets(cells, by)
    effort = _effort(pool)
    shown = [name for name in SCOPE if name == "task_set" or len({_text(one.levels[name]) for one in sets}) > 1]
    tables = [
        _arms_table(sets, shown, sizes),
        *contrasts_table(sets, shown),
        *separating_table(sets, shown),
        *_difficulty_table(sets, shown),
        _tasks_table(sets, shown, effort),
    ]
    return report_of(pool, paths, tables)


def _arms_table(sets: Sequence[TaskSet], shown: Sequence[str], sizes: Sequence[int]) -> Table:
    rows = [
        {name: one.levels[name] for name in shown} | arm.levels | _arm_row(one, arm, sizes)
        for one in sets
        for arm in one.arms
    ]
    arms = [arm for one in sets for arm in one.arms]
    known = [k for k in sizes if any(row[f"pass_at_{k}"] is not None for row in rows)]
    notes = [*pooling_notes([task for arm in arms for task in arm.tasks.values()]), *NOTES]
    if any(row["run_to_run"] is not None for row in rows):
        notes.append("run to run: standard deviation of a rate with one run a task, these tasks run again")
    if any(arm.counts and max(n for _, n in arm.counts) == 1 for arm in arms):
        notes.insert(0, ONE_RUN)
    if len(known) < len(sizes):
        left = ", ".join(str(k) for k in sizes if k not in known)
        notes.append(f"pass@{left}: unknown, for no arm has so many results of every task")
    columns = [
        *level_columns([*shown]),
        Column("arm", "arm", "text"),
        *level_columns(arms[0].levels),
        Column("tasks", "tasks"),
        Column("solved", "solved"),
        *COUNTS,
        *RATE,
        Column("run_to_run", "run to run", "rate", data=all(row["run_to_run"] is None for row in rows)),
        *(column for k in known for column in interval_columns(f"pass_at_{k}", f"pass@{k}", "rate")),
        *_occurring(FAILED, rows),
        *_occurring([Column("without", "tasks without a result")], rows),
    ]
    return Table("sets", "sets of tasks, arm by arm", columns, rows, notes)


def _arm_row(one: TaskSet, arm: SetArm, sizes: Sequence[int]) -> dict[str, Any]:
    counts = arm.counts
    mean = clustered_rate(counts) if counts else None
    row: dict[str, Any] = {
        "arm": arm.label,
        "tasks": len(counts),
        "solved": sum(k > 0 for k, _ in counts),
        "completed": sum(k for k, _ in counts),
        "runs": sum(n for _, n in counts),
        "rate": mean.estimate if mean else None,
        "rate_interval": mean.interval if mean else None,
        "run_to_run": run_to_run(counts),
        "without": len(one.tasks) - len(counts),
        "cells": arm.cells,
    }
    for k in sizes:
        whole = mean_pass_at_k(counts, k)
        row |= {f"pass_at_{k}": whole.estimate, f"pass_at_{k}_interval": whole.interval}
    return row | _failed(RunGroup({}, arm.cells))


def _difficulty_table(sets: Sequence[TaskSet], shown: Sequence[str]) -> list[Table]:
    """Return rates by the difficulty that sets state; nothing where none does."""
    rows: list[dict[str, Any]] = []
    for one in sets:
        for level in levels_of([cell for arm in one.arms for cell in arm.cells], "task_difficulty"):
            for arm in one.arms:
                here = {key: task for key, task in arm.tasks.items() if one.difficulty(key) == level}
                part = SetArm(arm.label, arm.levels, here)
                if here:
                    rows.append(
                        {name: one.levels[name] for name in shown} | {"difficulty": level} | _arm_row(one, part, ())
                    )
    if all(row["difficulty"] is None for row in rows):
        return []
    columns = [
        *level_columns(shown),
        Column("difficulty", "difficulty", "level"),
        Column("arm", "arm", "text"),
        Column("tasks", "tasks"),
        Column("solved", "solved"),
        *COUNTS,
        *RATE,
        *_occurring(FAILED, rows),
    ]
    return [Table("difficulty", "rates by the difficulty that the set states", columns, rows)]


def _tasks_table(sets: Sequence[TaskSet], shown: Sequence[str], effort: "_Effort") -> Table:
    rows = [
        {name: one.levels[name] for name in shown}
        | dict(zip(one.units, key, strict=True))
        | {"difficulty": one.difficulty(key), "arm": arm.label}
        | _task_row(arm.tasks[key], effort)
        for one in sets
        for key in one.tasks
        for arm in one.arms
        if key in arm.tasks
    ]
    units = list(dict.fromkeys(name for one in sets for name in one.units))
    hidden = all(row["difficulty"] is None for row in rows)
    columns = [
        *level_columns([*shown, *units]),
        Column("difficulty", "difficulty", "level", data=hidden),
        Column("arm", "arm", "text"),
        *COUNTS,
        Column("rate", "rate", "rate"),
        Column("exact_interval", "exact 95%", "rate"),
        *(Column(name, f"{heading}, median", "number") for name, heading in EFFORT.items()),
        *_occurring(FAILED, rows),
    ]
    notes = ["passes and tokens: of the results, completed or not"]
    return Table("tasks", "tasks, arm by arm", columns, rows, notes)


def _task_row(task: RunGroup, effort: "_Effort") -> dict[str, Any]:
    completed, runs = task.completed, task.runs
    row: dict[str, Any] = {
        "completed": completed,
        "runs": runs,
        "rate": completed / runs if runs else None,
        "exact_interval": clopper_pearson(completed, runs) if runs else None,
        "cells": task.cells,
    }
    for name in EFFORT:
        values = [value for cell in task.cells for value in effort.get((name, tuple(cell.levels.values())), ())]
        row[name] = float(np.median(values)) if values else None
    return row | _failed(task)


def _failed(group: RunGroup) -> dict[str, int]:
    return {column.key: group.outcomes[column.key] for column in FAILED}


def _occurring(columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> list[Column]:
    """Return columns of counts; people see those alone in which any row has something."""
    return [Column(one.key, one.heading, one.kind, data=not any(row[one.key] for row in rows)) for one in columns]


_Effort = dict[tuple[str, UnitKey], list[float]]
"""Values of the results of each cell that are known, by measure and levels."""


def _effort(pool: RunPool) -> _Effort:
    return {
        (name, tuple(one.levels.values())): one.values[name][~np.isnan(one.values[name])].tolist()
        for one in pool.arrays(pool.names, *EFFORT)
        for name in EFFORT
    }


def _text(level: object) -> str:
    return repr(level)
