"""Cost of a completed task: time, tokens and energy, per arm and per server."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from analysis.records.cells import Level
from analysis.records.groups import apart, columns_of, must_show, varying
from analysis.records.pool import RunPool
from analysis.records.server_facts import FINGERPRINT
from analysis.render import Column, CommandReport, Table, interval_columns, level_columns
from analysis.report.rates import pooling_notes, report_of
from analysis.stats.ratio import LEAST_BLOCKS, cost_per_completion
from harness.outcome import Outcome

MEASURES = {"seconds": "duration_sec", "tokens": "total_tokens", "joules": "joules"}
"""Costs, with the field of the record that holds each."""

SPEEDS = ("prefill_tokens_per_sec", "decode_tokens_per_sec")

COLUMNS = [
    Column("completed", "completed"),
    Column("runs", "runs"),
    *interval_columns("seconds_per_completed", "seconds/completed", "number"),
    *interval_columns("tokens_per_completed", "tokens/completed", "number"),
    *(Column(name, name, "number", data=True) for name in MEASURES),
]

OPTIONAL = [
    *interval_columns("joules_per_completed", "joules/completed", "number"),
    Column("prefill_tokens_per_sec", "prefill tok/s", "number"),
    Column("decode_tokens_per_sec", "decode tok/s", "number"),
    Column("fault", "fault"),
    Column("interrupted", "interrupted"),
    *(Column(f"lost_{name}", f"lost {name}", "number") for name in MEASURES),
]

NOTES = [
    "per completed task: all that the results of the arm spent, over its completions; none without a completion",
    "95%: bootstrap over whole blocks of the sweep (single runs where there are none), repeatable; – below "
    f"{LEAST_BLOCKS} blocks, ∞ where a resample may have no completion (Efron 1979)",
    "lost: what faults and interrupted runs spent, which is in no other figure; speeds are medians over results",
    "servers are never pooled: server.fingerprint is a hash of all that a server reports of itself",
]


def cost_report(pool: RunPool, paths: Sequence[Path], by: Sequence[str]) -> CommandReport:
    """One row for each arm and server; of a pool read with measures and with the servers' fingerprints."""
    cells = pool.cells()
    shown = {*(by or varying(cells)), *must_show(cells)}
    levels = [name for name in columns_of(cells) if name in shown and name != FINGERPRINT] + [FINGERPRINT]
    fields = ("outcome", *MEASURES.values(), *SPEEDS, "usage_estimated", "sweep", "block")
    runs: dict[tuple[Level, ...], list[dict[str, Any]]] = {}
    for row in pool.rows(*levels, *fields, results=False):
        runs.setdefault(row[: len(levels)], []).append(dict(zip(fields, row[len(levels) :], strict=True)))
    groups = apart(cells, levels)
    rows = [group.levels | {"cells": group.cells} | _cost(runs[tuple(group.levels.values())]) for group in groups]
    notes = [*NOTES, *_unknown(rows), *pooling_notes(groups)]
    # What nobody measured or lost makes no column that people read; programs always find it.
    columns = [replace(column, data=column.data or not any(row[column.key] for row in rows)) for column in OPTIONAL]
    table = Table("cost", "cost of a completed task", level_columns(levels) + COLUMNS + columns, rows, notes)
    return report_of(pool, paths, [table])


def _cost(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    results = [run for run in runs if Outcome(run["outcome"]).counts]
    lost = [run for run in runs if not Outcome(run["outcome"]).counts]
    row: dict[str, Any] = {
        "completed": _completed(results),
        "runs": len(results),
        "fault": sum(run["outcome"] == Outcome.FAULT for run in lost),
        "interrupted": sum(run["outcome"] == Outcome.INTERRUPTED for run in lost),
        "estimated": sum(bool(run["usage_estimated"]) for run in runs),
    }
    for name, field in MEASURES.items():
        known = [run for run in results if run[field] is not None]
        row[name] = sum(run[field] for run in known) if known else None
        cost = cost_per_completion([run[field] for run in known], _are_completed(known), _blocks(known))
        row[f"{name}_per_completed"], row[f"{name}_per_completed_interval"] = cost.estimate, cost.interval
        row[f"{name}_unknown"] = len(results) - len(known)
        spent = [run[field] for run in lost if run[field] is not None]
        row[f"lost_{name}"] = sum(spent) if spent else None
    for name in SPEEDS:
        speeds = [run[name] for run in results if run[name] is not None]
        row[name] = median(speeds) if speeds else None
    return row


def _are_completed(runs: Sequence[dict[str, Any]]) -> list[bool]:
    return [run["outcome"] == Outcome.COMPLETED for run in runs]


def _blocks(runs: Sequence[dict[str, Any]]) -> list[int]:
    """Number the blocks of the runs; a run of no block is one by itself."""
    numbers: dict[Any, int] = {}
    return [
        numbers.setdefault((run["sweep"], run["block"]) if run["block"] is not None else place, len(numbers))
        for place, run in enumerate(runs)
    ]


def _completed(runs: Sequence[dict[str, Any]]) -> int:
    return sum(_are_completed(runs))


def _unknown(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return notes on results that a figure leaves out, since nobody measured them."""
    total = sum(row["runs"] for row in rows)
    notes = []
    for name in MEASURES:
        if unknown := sum(row[f"{name}_unknown"] for row in rows):
            notes.append(f"{name}: unknown of {unknown} of {total} results, which are left out with their completions")
    if estimated := sum(row["estimated"] for row in rows):
        notes.append(f"tokens: estimated, at least in part, in {estimated} runs, whose servers do not count them")
    return notes
