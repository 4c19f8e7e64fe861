"""Completion rates of tasks that inform each other, arm by arm."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.records.groups import RunGroup, apart, must_show, varying
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, level_columns
from analysis.report.rates import report_of
from analysis.stats.pooling import partial_pooling

COLUMNS = [
    Column("completed", "completed"),
    Column("runs", "runs"),
    Column("rate", "rate", "rate"),
    Column("pooled", "pooled", "rate"),
    Column("pooled_interval", "95%", "rate"),
    Column("correlation", "ρ", "rate"),
]

NOTES = [
    "pooled: posterior mean of the rate of a task, drawn towards the mean of its arm the more, the fewer its runs and "
    "the more alike the tasks (Beta-binomial model; Gelman and others, Bayesian Data Analysis, 2013, chapter 5)",
    "all tasks: posterior mean of the rate over tasks like these, not over these alone",
    "prior: mean and intraclass correlation ρ uniform on (0, 1); 95%: equal-tailed posterior intervals; no p is made "
    "of them",
]


def partial_pooling_report(pool: RunPool, paths: Sequence[Path], by: Sequence[str]) -> CommandReport:
    """One row a task and arm, and one an arm for tasks like these. Raises AnalysisError below two tasks."""
    cells = pool.cells()
    units = ["task", *(name for name in must_show(cells) if name not in ("simulated", "model", "task"))]
    kept = {*(by or varying(cells)), "simulated", "model"} & {*varying(cells), *by}
    arms = [name for name in cells[0].levels if name in kept and name not in units] if cells else []
    rows: list[dict[str, Any]] = []
    for arm in apart(cells, arms):
        tasks = [task for task in apart(arm.cells, units) if task.runs]
        rows += _rows(arm, tasks) if len(tasks) > 1 else []
    if not rows:
        raise AnalysisError("partial pooling is over tasks: no arm has results of two tasks or more")
    columns = level_columns([*arms, *units]) + COLUMNS
    return report_of(
        pool, paths, [Table("partial-pooling", "rates, pooled partially over tasks", columns, rows, NOTES)]
    )


def _rows(arm: RunGroup, tasks: Sequence[RunGroup]) -> list[dict[str, Any]]:
    pooling = partial_pooling([(task.completed, task.runs) for task in tasks])
    rows = [
        arm.levels | task.levels | _counts(task) | {"pooled": rate.mean, "pooled_interval": rate.interval}
        for task, rate in zip(tasks, pooling.tasks, strict=True)
    ]
    overall = {"task": "all tasks", "pooled": pooling.overall.mean, "pooled_interval": pooling.overall.interval}
    return [*rows, arm.levels | _counts(arm) | overall | {"correlation": pooling.correlation}]


def _counts(group: RunGroup) -> dict[str, Any]:
    return {
        "cells": group.cells,
        "completed": group.completed,
        "runs": group.runs,
        "rate": group.completed / group.runs,
    }
