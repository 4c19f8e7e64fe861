"""Passes, tokens and seconds to completion: censored curves, arm by arm, and arms against each other."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analysis.contrasts.contrast import Contrast, Stratum, contrasts
from analysis.errors import AnalysisError
from analysis.records.cells import Level
from analysis.records.columns import SUBJECT
from analysis.records.groups import group, varying, with_results
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, level_columns, show
from analysis.report.effort_measures import Measure, Stagnated
from analysis.report.rates import pooling_notes, report_of
from analysis.stats.arms import CONFIDENCE, Interval
from analysis.stats.proportion import z_quantile
from analysis.stats.survival import DRAWS, Labelled, RestrictedMean, kaplan_meier, log_rank, restricted_mean
from harness.outcome import Outcome

FIELDS = {Measure.PASSES: "passes", Measure.TOKENS: "total_tokens", Measure.SECONDS: "duration_sec"}
"""Fields of the record that hold them."""

COLUMNS = [
    Column("measure", "effort", "text"),
    Column("completed", "completed"),
    Column("runs", "runs"),
    Column("unknown", "unknown"),
    Column("median", "median", "number"),
    Column("horizon", "horizon", "number"),
    Column("share", "completed by then", "rate"),
    Column("share_interval", "95%", "rate"),
    Column("restricted_mean", "restricted mean", "number"),
    Column("restricted_mean_interval", "95%", "number"),
]

CONTRAST_COLUMNS = [
    Column("measure", "effort", "text"),
    Column("contrast", "contrast (B vs A)", "text"),
    Column("a", "A", "text"),
    Column("b", "B", "text"),
    Column("strata", "strata"),
    Column("horizon", "horizon", "number", data=True),
    Column("difference", "restricted mean B−A", "number"),
    Column("difference_interval", "95%", "number"),
    Column("excess", "completions beyond expected", "number"),
    Column("p", "p", "p"),
    Column("method", "law", "text"),
    Column("exchanged", "labels exchanged", "text"),
]

READING = {
    Stagnated.CENSORED: "a run that ended without completing is censored at what it had used: the curve takes for "
    "granted that it could have completed later, as the runs that went on (--stagnated never: stagnation is for good)",
    Stagnated.NEVER: "a run that stagnated counts as one that never completes; one that ran out of budget is censored",
}

NOTES = [
    "median, completed by then: Kaplan–Meier estimate (1958), with its interval on the log(−log) scale",
    "restricted mean: mean effort of a run up to the horizon, the area under the curve, with Greenwood's variance "
    "(Royston and Parmar 2013); – where nothing completed",
]

CONTRAST_NOTES = [
    "p: stratified log-rank test (Mantel 1966), two-sided, over all assignments of the runs of a block to the arms "
    f"(exact, or {DRAWS:,} drawn at random, or by normal approximation); exploratory",
    "restricted mean B−A: over strata weighted by their runs, by normal approximation; below 0 where B needs less",
]


@dataclass(frozen=True)
class Effort:
    """Effort of one run, in one measure."""

    levels: tuple[Level, ...]
    """Levels of the factors that vary, in their order."""
    used: float
    """Infinite for a run that never completes."""
    completed: bool
    block: tuple[Level, Level] | None
    """Sweep and block; None of a single run."""


@dataclass(frozen=True)
class EffortTable:
    """All results of a pool, in one measure."""

    measure: Measure
    factors: Sequence[str]
    runs: Sequence[Effort]
    unknown: Sequence[tuple[Level, ...]]
    """Levels of results of which it was not measured."""

    def of(self, levels: dict[str, Level]) -> list[Effort]:
        """Return the runs at some levels."""
        places = [(self.factors.index(name), level) for name, level in levels.items()]
        return [run for run in self.runs if all(run.levels[place] == level for place, level in places)]

    def unknown_at(self, levels: dict[str, Level]) -> int:
        places = [(self.factors.index(name), level) for name, level in levels.items()]
        return sum(all(run[place] == level for place, level in places) for run in self.unknown)


def effort_report(
    pool: RunPool,
    paths: Sequence[Path],
    by: Sequence[str],
    factors: Sequence[str],
    *,
    measures: Sequence[Measure] = tuple(Measure),
    stagnated: Stagnated = Stagnated.CENSORED,
    horizon: float | None = None,
) -> CommandReport:
    """One row an arm and measure; then one a contrast and measure. `pool` was read with measures.

    Without a horizon, the largest effort that every arm of a subject has reached is it. Raises AnalysisError for a
    horizon that is none, or that would be one of several measures.
    """
    if horizon is not None and not 0 < horizon < math.inf:
        raise AnalysisError(f"--horizon {horizon:g}: must be a number above 0")
    if horizon is not None and len(measures) > 1:
        raise AnalysisError(f"--horizon {horizon:g}: of which effort? Name one with --measure {'|'.join(Measure)}")
    cells = with_results(pool.cells())
    groups = group(cells, by or varying(cells))
    names = list(dict.fromkeys([*(groups[0].levels if groups else []), *varying(cells)]))
    tables = [_efforts(pool, names, measure, stagnated) for measure in measures]
    rows = []
    for one in groups:
        for table in tables:
            subject = {name: level for name, level in one.levels.items() if name in SUBJECT}
            peers = [table.of(peer.levels) for peer in groups if subject.items() <= peer.levels.items()]
            rows.append(one.levels | {"cells": one.cells} | _arm(table, one.levels, horizon or _common_horizon(peers)))
    shown = level_columns(groups[0].levels if groups else [])
    columns = [column for column in COLUMNS if column.key != "unknown" or any(row["unknown"] for row in rows)]
    notes = [*NOTES, READING[stagnated], *pooling_notes(groups)]
    report = [Table("effort", "effort to completion", [*shown, *columns], rows, notes)]
    if factors:
        compared = [contrast for factor in factors for contrast in contrasts(cells, factor)]
        tested = [_compared(contrast, table, horizon) for contrast in compared for table in tables]
        subject_columns = level_columns(dict.fromkeys(name for one in compared for name in one.subject))
        report.append(
            Table("effort-contrasts", "sooner or later", [*subject_columns, *CONTRAST_COLUMNS], tested, CONTRAST_NOTES)
        )
    return report_of(pool, paths, report)


def _efforts(pool: RunPool, factors: Sequence[str], measure: Measure, stagnated: Stagnated) -> EffortTable:
    runs, unknown = [], []
    for *levels, outcome, used, sweep, block in pool.rows(*factors, "outcome", FIELDS[measure], "sweep", "block"):
        if used is None:
            unknown.append(tuple(levels))
            continue
        never = stagnated is Stagnated.NEVER and outcome == Outcome.STAGNATED
        place = None if block is None else (sweep, block)
        effort = math.inf if never else float(used)
        runs.append(Effort(tuple(levels), effort, outcome == Outcome.COMPLETED, place))
    return EffortTable(measure, factors, runs, unknown)


def _common_horizon(arms: Iterable[Sequence[Effort]]) -> float | None:
    """The largest effort that each of some arms has reached; None where one has reached none."""
    longest = [max((run.used for run in arm if run.used < math.inf), default=0.0) for arm in arms if arm]
    return min(longest, default=0.0) or None


def _arm(table: EffortTable, levels: dict[str, Level], horizon: float | None) -> dict[str, Any]:
    runs = table.of(levels)
    curve = kaplan_meier([run.used for run in runs], [run.completed for run in runs])
    row: dict[str, Any] = {
        "measure": table.measure.value,
        "completed": sum(run.completed for run in runs),
        "runs": len(runs),
        "unknown": table.unknown_at(levels),
        "median": curve.median,
        "horizon": horizon,
    }
    if horizon and runs:
        low, high = curve.interval(horizon)
        mean = restricted_mean(curve, horizon)
        row |= {"share": 1 - curve.at(horizon), "share_interval": Interval(1 - high, 1 - low)}
        row |= {"restricted_mean": mean.mean, "restricted_mean_interval": mean.interval()}
    return row


def _compared(contrast: Contrast, table: EffortTable, horizon: float | None) -> dict[str, Any]:
    """One contrast in one measure, over all strata that have both arms in it."""
    arms = [
        (_side(table, contrast, stratum, contrast.a), _side(table, contrast, stratum, contrast.b))
        for stratum in contrast.strata
    ]
    arms = [(a, b) for a, b in arms if a and b]
    counts = [[run.completed for pair in arms for run in pair[side]] for side in (0, 1)]
    row: dict[str, Any] = contrast.subject | {
        "cells": contrast.cells,
        "measure": table.measure.value,
        "contrast": f"{contrast.factor}: {show(contrast.b)} vs {show(contrast.a)}",
        "a": f"{sum(counts[0])}/{len(counts[0])}",
        "b": f"{sum(counts[1])}/{len(counts[1])}",
        "strata": len(arms),
    }
    limit = horizon or _common_horizon([side for pair in arms for side in pair])
    if not arms or limit is None:
        return row
    in_blocks = any(_mixed(a, b) for a, b in arms)
    test = log_rank([_labelled(a, b, in_blocks) for a, b in arms])
    difference, interval = _difference(arms, limit)
    row |= {"horizon": limit, "difference": difference, "difference_interval": interval}
    if test is not None:
        row |= {"excess": test.excess, "p": test.p, "method": test.method}
        row["exchanged"] = "within blocks" if in_blocks else "within strata: no block has both arms"
    return row


def _side(table: EffortTable, contrast: Contrast, stratum: Stratum, level: Level) -> list[Effort]:
    return table.of(stratum.levels | {contrast.factor: level})


def _mixed(a: Sequence[Effort], b: Sequence[Effort]) -> bool:
    """Return whether some block has runs of both arms."""
    return bool({run.block for run in a if run.block} & {run.block for run in b if run.block})


def _labelled(a: Sequence[Effort], b: Sequence[Effort], in_blocks: bool) -> Labelled:
    runs = [*a, *b]
    numbers = {block: number for number, block in enumerate(dict.fromkeys(run.block for run in runs))}
    return Labelled(
        np.array([run.used for run in runs]),
        np.array([run.completed for run in runs]),
        np.arange(len(runs)) >= len(a),
        np.array([numbers[run.block] if in_blocks else 0 for run in runs]),
    )


def _difference(
    arms: Sequence[tuple[Sequence[Effort], Sequence[Effort]]], horizon: float
) -> tuple[float, Interval | None]:
    """The difference of restricted means B − A, strata weighted as in the Mantel–Haenszel test."""
    weights = [len(a) * len(b) / (len(a) + len(b)) for a, b in arms]
    means = [(_restricted(a, horizon), _restricted(b, horizon)) for a, b in arms]
    total = sum(weights)
    difference = sum(w * (b.mean - a.mean) for w, (a, b) in zip(weights, means, strict=True)) / total
    variances = [None if a.variance is None or b.variance is None else a.variance + b.variance for a, b in means]
    if any(variance is None for variance in variances):
        return difference, None
    variance = sum(w**2 * (v or 0.0) for w, v in zip(weights, variances, strict=True)) / total**2
    half = z_quantile(CONFIDENCE) * math.sqrt(variance)
    return difference, Interval(difference - half, difference + half)


def _restricted(runs: Sequence[Effort], horizon: float) -> RestrictedMean:
    return restricted_mean(kaplan_meier([run.used for run in runs], [run.completed for run in runs]), horizon)
