"""What is printed of declared tests, and of those that were not declared."""

from collections.abc import Sequence
from typing import Any

from analysis.declared import Declared, Test, day
from analysis.render import Column, Table

SIDES = {
    "two": "two-sided",
    "greater": "one-sided, B more often",
    "less": "one-sided, B less often",
}

DECLARED = "declared: the first table tests what its sweep declared before its first run; all below it is exploratory"
EXPLORATORY = "exploratory: no sweep declared this contrast before it ran"

COLUMNS = [
    Column("contrast", "contrast (B vs A)", "text"),
    Column("a", "A", "text"),
    Column("b", "B", "text"),
    Column("difference", "B−A", "rate"),
    Column("difference_interval", "95%", "rate"),
    Column("p", "p", "p"),
    Column("p_adjusted", "p, Holm", "p"),
    Column("rejects", "at or below α", "flag"),
    Column("sweep", "sweep", "text", data=True),
    Column("family", "family", "text", data=True),
    Column("tests", "tests of the family", data=True),
    Column("side", "side", "text", data=True),
    Column("alpha", "α", "level", data=True),
    Column("declared", "declared", "text", data=True),
]

LEGEND = "p: exact, on the side declared, over the whole sweep; p, Holm: adjusted over its family, runs or no runs yet"


def declared_table(declared: Declared, factors: Sequence[str]) -> list[Table]:
    """One row a declared test of some factors, of all if none is named; no table where there is none."""
    asked: list[str | None] = [*factors] or [None]
    tests = [test for factor in asked for test in declared.tests(factor)]
    if not tests:
        return []
    subject = [Column("model", "model", "level")] if len({test.history.model for test in tests}) > 1 else []
    notes = [_declared(declared, test) for test in tests]
    remarks = [remark for factor in asked for remark in declared.remarks(factor)]
    rows = [_row(declared, test) for test in tests]
    return [
        Table("declared", "declared tests", subject + COLUMNS, rows, list(dict.fromkeys([*notes, LEGEND, *remarks])))
    ]


def standing(declared: Declared, factor: str) -> list[str]:
    """Said first of a factor: declared or exploratory, and why."""
    why_not = declared.why_not(factor)
    if declared.tests(factor):
        return [DECLARED, *(["not in a declared test: " + "; ".join(why_not)] if why_not else [])]
    reasons = "; ".join([*why_not, *declared.unread])
    return [f"{EXPLORATORY} ({reasons})" if reasons else EXPLORATORY]


def _row(declared: Declared, test: Test) -> dict[str, Any]:
    planned, found = test.history.planned, test.found
    assert found is not None
    adjusted = declared.adjusted(test)
    return {
        "model": test.history.model,
        "cells": test.history.counted,
        "contrast": f"{planned.factor}: {planned.level} vs {planned.baseline}",
        "a": f"{found.arms.k_a}/{found.arms.n_a}",
        "b": f"{found.arms.k_b}/{found.arms.n_b}",
        "difference": found.difference,
        "difference_interval": found.difference_interval,
        "p": test.p,
        "p_adjusted": adjusted,
        "rejects": adjusted <= planned.alpha,
        "sweep": test.history.sweep,
        "family": planned.family,
        "tests": len(declared.family(test)),
        "side": planned.side,
        "alpha": planned.alpha,
        "declared": test.history.entries[0].time.isoformat(),
    }


def _declared(declared: Declared, test: Test) -> str:
    """All that was declared of a test, in a line."""
    planned, tests = test.history.planned, len(declared.family(test))
    family = f"family {planned.family} of {tests} {'test' if tests == 1 else 'tests'}"
    when = f"declared {day(test.history.entries[0].time)} by sweep {test.history.sweep}, before its first run"
    return f"{planned}: {SIDES[planned.side]}, α {planned.alpha:g}, {family}; {when}"
