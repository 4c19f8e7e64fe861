"""Completion against the budget of a pass: where the floor lies."""

import math
from collections.abc import Sequence
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.records.cells import PooledCell
from analysis.records.groups import RunGroup, apart, levels_of, varying
from analysis.records.pool import RunPool
from analysis.render import Column, CommandReport, Table, level_columns, show
from analysis.report.rates import RATE, report_of
from analysis.stats.ordered import LadderRung, floor, isotonic, trend, violation
from analysis.stats.proportion import wilson

RUNGS = [
    Column("ctx_limit", "ctx_limit", "level"),
    *RATE,
    Column("isotonic", "isotonic", "rate"),
]

LEGEND = [
    "isotonic: the likeliest rates that never fall as the budget grows.",
    "floor: the least budget tried at which a run completes more often than not; its interval by binomial tests",
    "against one half, in order from either end. An open end means that the ladder does not reach far enough.",
]


def rungs_of(cells: Sequence[PooledCell]) -> list[LadderRung]:
    """Rungs from the smallest budget to the largest; no limit at all is the largest."""
    rungs = []
    for level in levels_of(cells, "ctx_limit"):
        here = RunGroup({}, [cell for cell in cells if cell.levels["ctx_limit"] == level])
        if here.runs and isinstance(level, int):
            rungs.append(LadderRung(level or math.inf, here.completed, here.runs))
    return sorted(rungs)


def ladder_report(pool: RunPool, paths: Sequence[Path]) -> CommandReport:
    """One ladder for each combination of everything else that varies. Raises AnalysisError if there is none."""
    cells = pool.cells()
    split = [name for name in varying(cells) if name != "ctx_limit"]
    ladders = [(group, rungs_of(group.cells)) for group in apart(cells, split)]
    ladders = [(group, rungs) for group, rungs in ladders if len(rungs) > 1]
    if not ladders:
        raise AnalysisError("no ladder: ctx_limit has fewer than two levels wherever the rest is the same")
    tables = [_ladder(number, group, rungs) for number, (group, rungs) in enumerate(ladders, start=1)]
    return report_of(pool, paths, tables, LEGEND)


def budget(level: float) -> str:
    """A budget in words."""
    return "no limit" if math.isinf(level) else show(int(level))


def floor_text(rungs: Sequence[LadderRung]) -> str:
    """The floor and its interval, in words."""
    estimate, (low, high) = floor(rungs)
    above = f"above {budget(low)}" if low else f"not bounded from below by {budget(rungs[0].level)}"
    below = f"at most {budget(high)}" if not math.isinf(high) else "not bounded from above"
    point = budget(estimate) if estimate is not None else f"above {budget(rungs[-1].level)}"
    return f"floor: {point} (95%: {above}, {below})"


def _ladder(number: int, group: RunGroup, rungs: Sequence[LadderRung]) -> Table:
    levels = group.levels
    rows = [
        {
            **levels,
            "ctx_limit": budget(rung.level),
            "cells": [cell for cell in group.cells if (cell.levels["ctx_limit"] or math.inf) == rung.level],
            "completed": rung.completed,
            "runs": rung.runs,
            "rate": rung.completed / rung.runs,
            "wilson": wilson(rung.completed, rung.runs),
            "isotonic": rate,
        }
        for rung, rate in zip(rungs, isotonic(rungs), strict=True)
    ]
    notes = [
        floor_text(rungs),
        f"rising with budget: p {show(trend(rungs), 'p')} (exact Cochran–Armitage, one-sided)",
        f"falling anywhere: p {show(violation(rungs), 'p')} (least Fisher value over pairs, Holm)",
    ]
    title = ", ".join(f"{name} {show(level)}" for name, level in levels.items()) or "completion by budget"
    columns = level_columns(levels) + RUNGS
    return Table(f"ladder-{number}", title, columns, rows, notes)
