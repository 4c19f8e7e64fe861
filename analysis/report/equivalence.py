"""Tests of equivalence and non-inferiority beside a contrast."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from analysis.contrasts.contrast import Contrast
from analysis.contrasts.declared import DeclaredTest, DeclaredTests
from analysis.contrasts.history import day
from analysis.render import Column, Table, level_columns, level_text
from analysis.report.declared_report import COMPARISON
from analysis.report.missing import missing_columns, missing_notes, missing_values_of_margin
from analysis.stats.arms import TwoArms
from analysis.stats.equivalence import equivalence
from analysis.stats.multiplicity import holm
from harness.exact_test import TIE

EQUIVALENCE = [
    *(column for column in COMPARISON if column.key != "p"),
    Column("margin", "margin", "rate"),
    Column("p_non_inferior", "p, B not worse", "p"),
    Column("p_non_superior", "p, B not better", "p"),
    Column("p_equivalent", "p, equivalent", "p"),
    Column("smallest_margin", "smallest margin", "rate"),
    Column("exact", "exact", "flag"),
]

EQUIVALENCE_LEGEND = [
    "p, B not worse (non-inferior): against a rate of B that is lower by the margin or more; not better: higher.",
    "p, equivalent: the larger of both (two one-sided tests, Schuirmann 1987; score of Farrington and Manning 1990).",
]

NOT_DECLARED = "equivalence: the margin was named with --margin and declared by no sweep, so that it is exploratory"

IS_DECLARED = "equivalence: over all strata within the margin that its sweep declared; one stratum alone is exploratory"

CLAIMS = {"two": "equivalent", "greater": "not worse", "less": "not better"}
"""Claim of a declared margin, by the side of its contrast."""

DECLARED = [
    Column("contrast", "contrast (B vs A)", "text"),
    *(column for column in COMPARISON if column.key != "p"),
    Column("margin", "margin", "rate"),
    Column("claim", "claim", "text"),
    Column("p", "p", "p"),
    Column("p_adjusted", "p, Holm", "p"),
    Column("rejects", "at or below α", "flag"),
    Column("exact", "exact", "flag"),
    Column("sweep", "sweep", "text", data=True),
    Column("family", "family", "text", data=True),
    Column("alpha", "α", "level", data=True),
]

DECLARED_LEGEND = (
    "p: against a difference of the margin or more, in both directions (equivalent) or in one; p, Holm: adjusted over "
    "the margins that its family declared"
)


def declared_equivalence(declared: DeclaredTests, factors: Sequence[str]) -> list[Table]:
    """One row a declared margin of some factors, of all if none is named; no table where there is none."""
    chosen: list[str | None] = [*factors] or [None]
    tests = [test for factor in chosen for test in declared.tests(factor) if _has_margin(test)]
    if not tests:
        return []
    rows = [_declared_row(declared, test) for test in tests]
    notes = [
        f"{test.history.named}: {CLAIMS[test.history.planned.side]} at α {test.history.planned.alpha:g}; "
        f"declared {day(test.history.entries[0].time)} by sweep {test.history.sweep}, before its first run"
        for test in tests
    ]
    notes += [*missing_notes([(row["contrast"], row) for row in rows]), DECLARED_LEGEND]
    kinds = [name for name in ("simulated", "model") if len({getattr(test.history, name) for test in tests}) > 1]
    columns = [*level_columns(kinds), *DECLARED, *missing_columns(rows)]
    return [Table("declared-equivalence", "declared margins", columns, rows, notes)]


def margin_is_declared(declared: DeclaredTests, contrast: Contrast, margin: float) -> bool:
    """Return whether a sweep declared this margin for this contrast before its first run."""
    test = declared.test_of(contrast)
    return test is not None and test.history.planned.margin == margin


def p_of_claim(strata: Sequence[TwoArms], margin: float, side: str) -> float:
    """Return the p of what a margin claims on a side. Raises ValueError for a margin that is not between 0 and 1."""
    tested = equivalence(strata, margin)
    return {"greater": tested.p_non_inferior, "less": tested.p_non_superior}.get(side, tested.p)


def _has_margin(test: DeclaredTest) -> bool:
    """Return whether a margin is tested. The tests are for a fixed size, which a sequential sweep has not."""
    return test.history.planned.margin is not None and test.history.stop is None


def _p(test: DeclaredTest) -> float:
    """The p of a declared margin; 1 while there is nothing to test."""
    history, planned = test.history, test.history.planned
    return p_of_claim(history.tables, planned.margin or 0.0, planned.side) if history.tables else 1.0


def _declared_row(declared: DeclaredTests, test: DeclaredTest) -> dict[str, Any]:
    history, planned, result = test.history, test.history.planned, test.result
    assert result is not None and planned.margin is not None
    family = [one for one in declared.family(test) if _has_margin(one)]
    adjusted = holm([_p(one) for one in family])[family.index(test)]
    p_of = partial(p_of_claim, margin=planned.margin, side=planned.side)
    return {
        "simulated": history.simulated,
        "model": history.model,
        "cells": history.counted,
        "contrast": f"{planned.factor}: {level_text(planned.level)} vs {level_text(planned.baseline)}",
        "a": f"{result.arms.k_a}/{result.arms.n_a}",
        "b": f"{result.arms.k_b}/{result.arms.n_b}",
        "difference": result.difference,
        "difference_interval": result.difference_interval,
        "margin": planned.margin,
        "claim": CLAIMS[planned.side],
        "p": _p(test),
        "p_adjusted": adjusted,
        "rejects": adjusted <= planned.alpha * (1 + TIE),
        "exact": equivalence(history.tables, planned.margin).exact,
        "sweep": history.sweep,
        "family": planned.family,
        "alpha": planned.alpha,
    } | missing_values_of_margin(history.tables, history.missing, history.failed, p_of, planned.alpha)


def equivalence_table(
    name: str,
    shown: Sequence[Column],
    rows: Sequence[dict[str, Any]],
    strata: Sequence[Sequence[TwoArms]],
    margin: float,
    *,
    declared: bool,
) -> Table:
    """The rows of a contrast once more, each with its tests against the margin; `strata` are the tables behind each."""
    tested = [row | _tests(tables, margin) for row, tables in zip(rows, strata, strict=True)]
    notes = [*EQUIVALENCE_LEGEND, IS_DECLARED if declared else NOT_DECLARED]
    return Table(name, f"equivalence within {margin:g}", [*shown, *EQUIVALENCE], tested, notes)


def _tests(strata: Sequence[TwoArms], margin: float) -> dict[str, Any]:
    tested = equivalence(strata, margin)
    return {
        "margin": margin,
        "p_non_inferior": tested.p_non_inferior,
        "p_non_superior": tested.p_non_superior,
        "p_equivalent": tested.p,
        "exact": tested.exact,
    }
