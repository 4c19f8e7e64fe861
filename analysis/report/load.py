"""Use of a pass's budget: loading what is there, or acting on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.records.groups import natural, varying
from analysis.records.pool import RunPool
from analysis.records.run_arrays import RunArrays
from analysis.render import Column, CommandReport, Table, interval_columns, level_columns
from analysis.report.rates import report_of
from analysis.stats.ordered import median
from harness.record import ACTS, LOADS

MEASURES = ("load_act", "bytes_per_pass")
"""Measures of each run that are needed."""

BYTES_PER_TOKEN = 4
"""The rule by which read bytes become tokens, here and in the published study."""

COLUMNS = [
    Column("runs", "runs"),
    Column("completed", "completed"),
    *interval_columns("load_act", "load:act", "ratio"),
    *interval_columns("bytes_per_pass", "bytes/pass", "count"),
    *interval_columns("share", "share", "rate"),
]

NOTES = [
    "medians over runs, with order-statistic intervals (none below six runs)",
    f"load: {', '.join(LOADS)}; act: {', '.join(ACTS)}; share of ctx_limit at {BYTES_PER_TOKEN} bytes a token",
    "measured after treatment: a run that completes stops loading, so these describe outcomes and do not explain them",
]


def load_report(pool: RunPool, paths: Sequence[Path]) -> CommandReport:
    """Medians by everything that varies; runs without the counters are left out of them, and counted.

    The pool was read with `MEASURES` listed.
    """
    by = varying(pool.cells())
    # Each row has one budget: it varies, and is shown, or is one for all.
    groups = pool.arrays(by if "ctx_limit" in by else [*by, "ctx_limit"], *MEASURES)
    groups.sort(key=lambda one: [natural(one.levels[name]) for name in by])
    rows = [{name: one.levels[name] for name in by} | _medians(one) for one in groups]
    return report_of(pool, paths, [Table("load", "loading and acting", level_columns(by) + COLUMNS, rows, NOTES)])


def _medians(runs: RunArrays) -> dict[str, Any]:
    ratios, per_pass = (values[~np.isnan(values)] for values in (runs.values[name] for name in MEASURES))
    limit = runs.levels["ctx_limit"]
    shares = per_pass / BYTES_PER_TOKEN / limit if limit else per_pass[:0]
    medians: dict[str, Any] = {"runs": len(runs.completed), "completed": int(runs.completed.sum())}
    for name, values in (("load_act", ratios), ("bytes_per_pass", per_pass), ("share", shares)):
        medians[name], medians[f"{name}_interval"] = median(values)
    return medians
