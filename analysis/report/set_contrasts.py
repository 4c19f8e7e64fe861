"""Arms against each other over the tasks of a set, and the tasks that separate them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from analysis.contrasts.confounding import differences, followers, in_words, merged
from analysis.contrasts.contrast import TestResult, result
from analysis.records.groups import with_results
from analysis.records.task_sets import SetArm, TaskSet, UnitKey
from analysis.render import Column, Table, interval_columns, level_columns
from analysis.report.missing import missing_columns, missing_notes, missing_values
from analysis.stats.arms import TwoArms
from analysis.stats.conditional import fisher
from analysis.stats.multiplicity import benjamini_hochberg
from analysis.stats.permutation import permutation_test
from harness.exact_test import smallest_p

MOST_PAIRS = 45
"""Pairs of arms of a set that are compared: those of ten arms."""

COMPARED = [
    Column("tasks", "tasks in both"),
    Column("a", "A", "text"),
    Column("b", "B", "text"),
    Column("a_ahead", "A ahead"),
    Column("b_ahead", "B ahead"),
    *interval_columns("difference", "B−A", "gap"),
    Column("p", "p", "p"),
    Column("p_permutation", "p, permutation", "p"),
    Column("p_adjusted", "p, BH", "p"),
    Column("smallest_p", "least p", "p"),
]

NOTES = [
    "exploratory: no pair was declared before its runs; `analysis contrast` shows declared tests",
    "p: exact stratified test over tasks (Mantel–Haenszel; with one run a task McNemar's); permutation: arms exchanged "
    "within each task, each task counted alike; p, BH: adjusted over these pairs (Benjamini–Hochberg)",
    "B−A: Mantel–Haenszel weights over tasks, Miettinen and Nurminen's interval; it is about these tasks, not others",
    "ahead: tasks with the higher rate in that arm; least p: the smallest that this many runs could give",
]


@dataclass(frozen=True)
class _ArmPair:
    """Two arms over the tasks of a set."""

    first: SetArm
    second: SetArm
    tried: dict[UnitKey, TwoArms]
    """Counts of each task that both arms tried, also where one has no result."""

    @classmethod
    def of(cls, first: SetArm, second: SetArm) -> "_ArmPair":
        both = {key: (first.tasks[key], second.tasks[key]) for key in first.tasks if key in second.tasks}
        tried = {key: TwoArms(a.completed, a.runs, b.completed, b.runs) for key, (a, b) in both.items()}
        return cls(first, second, tried)

    @property
    def tables(self) -> dict[UnitKey, TwoArms]:
        return {key: arms for key, arms in self.tried.items() if arms.n_a and arms.n_b}

    @property
    def name(self) -> str:
        return f"{self.second.label} against {self.first.label}"


def contrasts_table(sets: Sequence[TaskSet], shown: Sequence[str]) -> list[Table]:
    """Return each pair of arms with the tests over tasks; nothing where no two arms share a task."""
    rows: list[dict[str, Any]] = []
    notes: list[str] = []
    for one in sets:
        pairs = _pairs(one)
        if len(pairs) > MOST_PAIRS:
            notes.append(f"{len(one.arms)} arms make {len(pairs)} pairs: choose with --where or --by to compare them")
            continue
        for pair in pairs:
            tested = result(list(pair.tables.values()), extras=False)
            rows.append({name: one.levels[name] for name in shown} | _row(one, pair, tested))
            notes += [f"{pair.name}: {tested.disagreement}"] if tested.disagreement else []
            notes += [f"{pair.name}: also differ in {rows[-1]['differing']}"] if rows[-1]["differing"] else []
    if not rows:
        return [Table("set-contrasts", "arms against each other over tasks", COMPARED, [], notes)] if notes else []
    for row, adjusted in zip(rows, benjamini_hochberg([row["p"] for row in rows]), strict=True):
        row["p_adjusted"] = adjusted
    columns = [*level_columns(shown), Column("pair", "pair", "text"), *COMPARED, *missing_columns(rows)]
    if any(row["alone"] for row in rows):
        columns.append(Column("alone", "tasks not in both"))
    columns.append(Column("differing", "also differ in", "text", data=True))
    notes = [*notes, *missing_notes([(row["pair"], row) for row in rows]), *NOTES]
    return [Table("set-contrasts", "arms against each other over tasks: B is the first named", columns, rows, notes)]


def separating_table(sets: Sequence[TaskSet], shown: Sequence[str]) -> list[Table]:
    """Return the tasks of which two arms have different rates, the largest differences first."""
    rows: list[dict[str, Any]] = []
    single = True
    for one in sets:
        pairs = _pairs(one)
        for pair in pairs if len(pairs) <= MOST_PAIRS else ():
            apart = [(key, arms) for key, arms in pair.tables.items() if arms.difference]
            apart.sort(key=lambda item: (-abs(item[1].difference), item[1].difference))
            p = [fisher(arms).two_sided for _, arms in apart]
            single &= all(arms.total == 2 for _, arms in apart)
            for (key, arms), value, adjusted in zip(apart, p, benjamini_hochberg(p), strict=True):
                rows.append(
                    {name: one.levels[name] for name in shown}
                    | {"pair": pair.name}
                    | dict(zip(one.units, key, strict=True))
                    | {"difficulty": one.difficulty(key)}
                    | {"a": f"{arms.k_a}/{arms.n_a}", "b": f"{arms.k_b}/{arms.n_b}", "difference": arms.difference}
                    | {"p": value, "p_adjusted": adjusted}
                )
    if not rows:
        return []
    units = list(dict.fromkeys(name for one in sets for name in one.units))
    columns = [
        *level_columns(shown),
        Column("pair", "pair", "text"),
        *level_columns(units),
        Column("difficulty", "difficulty", "level", data=all(row["difficulty"] is None for row in rows)),
        Column("a", "A", "text"),
        Column("b", "B", "text"),
        Column("difference", "B−A", "gap"),
        Column("p", "p", "p", data=single),
        Column("p_adjusted", "p, BH", "p", data=single),
    ]
    note = "p: Fisher's exact test of one task; p, BH: adjusted over the tasks of a pair"
    if single:
        note = "one run each: no single task shows a difference between arms, whatever came of it (least p 1)"
    return [Table("separating", "tasks that separate the arms", columns, rows, [note])]


def _pairs(one: TaskSet) -> list[_ArmPair]:
    pairs = (_ArmPair.of(a, b) for a, b in combinations(one.arms, 2))
    return [pair for pair in pairs if pair.tables]


def _row(one: TaskSet, pair: _ArmPair, tested: TestResult) -> dict[str, Any]:
    tables, arms = list(pair.tables.values()), tested.arms
    groups = [(pair.first.tasks[key], pair.second.tasks[key]) for key in pair.tried]
    failed = [
        sum((counts for task in side for cell in task.cells for counts in cell.failed.values()), Counter[str]())
        for side in zip(*groups, strict=True)
    ]
    missing = [
        (sum(cell.missing.total() for cell in a.cells), sum(cell.missing.total() for cell in b.cells))
        for a, b in groups
    ]
    beside = merged(differences("task", with_results(a.cells), with_results(b.cells)) for a, b in groups)
    apart = {name for name, level in pair.first.levels.items() if pair.second.levels[name] != level}
    shown = {*pair.first.levels, *(one for name in apart for one in followers(name))}
    named = {name: levels for name, levels in beside.items() if name not in shown}
    return {
        "pair": pair.name,
        "tasks": len(tables),
        "alone": len(one.tasks) - len(tables),
        "a": f"{arms.k_a}/{arms.n_a}",
        "b": f"{arms.k_b}/{arms.n_b}",
        "a_ahead": sum(table.difference < 0 for table in tables),
        "b_ahead": sum(table.difference > 0 for table in tables),
        "difference": tested.difference,
        "difference_interval": tested.difference_interval,
        "p": tested.p.two_sided,
        "p_permutation": permutation_test(tables).p,
        "smallest_p": smallest_p([(table.n_a, table.n_b) for table in tables]),
        "differing": "; ".join(in_words(named)) or None,
        "cells": [*pair.first.cells, *pair.second.cells],
    } | missing_values(list(pair.tried.values()), missing, (failed[0], failed[1]), tested.p.two_sided)
