"""Use of a pass's budget: loading what is there, or acting on it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from analysis.records.groups import runs_by, varying
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, interval_columns, level_columns
from analysis.report.rates import report_of
from analysis.stats.ordered import median
from harness.record import ACTS, LOADS

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
    """Medians by everything that varies; runs without the counters are left out of them, and counted."""
    by = varying(pool.cells())
    runs = runs_by(pool, by, ("outcome", "loads", "acts", "read_bytes", "passes", "ctx_limit"))
    rows = [dict(zip(by, levels, strict=True)) | _medians(measured) for levels, measured in runs.items()]
    return report_of(pool, paths, [Table("load", "loading and acting", level_columns(by) + COLUMNS, rows, NOTES)])


def _medians(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ratios = [
        run["loads"] / run["acts"] if run["acts"] else float("inf")
        for run in runs
        if run["loads"] is not None and run["acts"] is not None
    ]
    counted = [run for run in runs if run["read_bytes"] is not None and run["passes"]]
    per_pass = [run["read_bytes"] / run["passes"] for run in counted]
    limited = [run for run in counted if run["ctx_limit"]]
    shares = [run["read_bytes"] / run["passes"] / BYTES_PER_TOKEN / run["ctx_limit"] for run in limited]
    medians: dict[str, Any] = {"runs": len(runs), "completed": sum(run["outcome"] == "completed" for run in runs)}
    for name, values in (("load_act", ratios), ("bytes_per_pass", per_pass), ("share", shares)):
        medians[name], medians[f"{name}_interval"] = median(values)
    return medians
