"""Tables and notes of declared and exploratory tests."""

from collections.abc import Iterator, Sequence
from typing import Any

from analysis.contrasts.declaration import StoppingDecision
from analysis.contrasts.declared import DeclaredTest, DeclaredTests
from analysis.contrasts.history import day
from analysis.contrasts.stopped import adjusted_by
from analysis.render import Column, Table, interval_columns, level_columns, level_text, show
from analysis.report.missing import missing_columns, missing_notes, missing_values
from analysis.stats.arms import Interval, TwoArms
from analysis.stats.confidence_sequence import confidence_sequence
from analysis.stats.stopped_estimate import AdjustedRates
from harness.exact_test import TIE

SIDES = {
    "two": "two-sided",
    "greater": "one-sided, B more often",
    "less": "one-sided, B less often",
}

DECLARED = "declared: the first table tests what its sweep declared before its first run; all below it is exploratory"
EXPLORATORY = "exploratory: no sweep declared this contrast before it ran"

COMPARISON = [
    Column("a", "A", "text"),
    Column("b", "B", "text"),
    *interval_columns("difference", "B−A", "rate"),
    Column("p", "p", "p"),
]
"""Columns of every test of two arms."""

COLUMNS = [
    Column("contrast", "contrast (B vs A)", "text"),
    *COMPARISON,
    Column("p_adjusted", "p, Holm", "p"),
    Column("rejects", "at or below α", "flag"),
    Column("homogeneity", "homogeneity", "p", data=True),
    Column("e", "e", "ratio", data=True),
    Column("confidence_sequence", "confidence sequence", "rate", data=True),
    Column("rule", "stopping rule", "text", data=True),
    Column("stopped_after_block", "stopped after block", data=True),
    Column("difference_adjusted", "B−A, adjusted for the stop", "rate", data=True),
    Column("reason", "reason", "text", data=True),
    Column("sweep", "sweep", "text", data=True),
    Column("family", "family", "text", data=True),
    Column("tests", "tests of the family", data=True),
    Column("side", "side", "text", data=True),
    Column("alpha", "α", "level", data=True),
    Column("declared", "declared", "text", data=True),
]

MOST_STRATA = 8
"""Strata that a line names."""

LEGEND = "p: exact, on the side declared, over the whole sweep; p, Holm: adjusted over its family, runs or no runs yet"

RULES = {
    "curtail": "stops an arm when nothing that is left can change its verdict at α; p: the most these can lead to",
    "evalue": "stops by an e-process, looked at after every block; p: 1/e, and Fisher's p elsewhere only describes",
}


def declared_table(declared: DeclaredTests, factors: Sequence[str]) -> list[Table]:
    """One row a declared test of some factors, of all if none is named; no table where there is none."""
    chosen: list[str | None] = [*factors] or [None]
    tests = [test for factor in chosen for test in declared.tests(factor)]
    if not tests:
        return []
    subject = level_columns(
        name for name in ("simulated", "model") if len({getattr(test.history, name) for test in tests}) > 1
    )
    notes = [
        line
        for test in tests
        for line in (
            _declared(declared, test),
            *_rule(test),
            *_at_every_look(test),
            *_after_the_stop(test),
            *_disagreement(test),
        )
    ]
    remarks = [remark for factor in chosen for remark in declared.remarks(factor)]
    rows = [_row(declared, test) for test in tests]
    columns = [*subject, *COLUMNS, *missing_columns(rows)]
    notes += missing_notes([(row["contrast"], row) for row in rows])
    return [Table("declared", "declared tests", columns, rows, list(dict.fromkeys([*notes, LEGEND, *remarks])))]


def standing(declared: DeclaredTests, factor: str) -> list[str]:
    """Said first of a factor: declared or exploratory, and why."""
    why_not = declared.why_not(factor)
    if declared.tests(factor):
        return [DECLARED, *(["not in a declared test: " + "; ".join(why_not)] if why_not else [])]
    reasons = "; ".join([*why_not, *declared.unread])
    return [f"{EXPLORATORY} ({reasons})" if reasons else EXPLORATORY]


def objections(declared: DeclaredTests, factors: Sequence[str]) -> list[str]:
    """Return declarations that do not count, with reasons, a line each."""
    return [f"exploratory: sweep {sweep} {why}" for factor in factors for sweep, why in declared.objections(factor)]


def _row(declared: DeclaredTests, test: DeclaredTest) -> dict[str, Any]:
    planned, result = test.history.planned, test.result
    assert result is not None
    stop, decision = test.history.stop, test.history.decision
    adjusted = declared.adjusted(test)
    return {
        "simulated": test.history.simulated,
        "model": test.history.model,
        "cells": test.history.counted,
        "contrast": f"{planned.factor}: {level_text(planned.level)} vs {level_text(planned.baseline)}",
        "a": f"{result.arms.k_a}/{result.arms.n_a}",
        "b": f"{result.arms.k_b}/{result.arms.n_b}",
        "difference": result.difference,
        "difference_interval": result.difference_interval,
        "p": test.p,
        "p_adjusted": adjusted,
        "rejects": adjusted <= planned.alpha * (1 + TIE),
        "homogeneity": result.homogeneity.p if result.homogeneity else None,
        "e": decision.e if decision else None,
        "confidence_sequence": _confidence_sequence(test),
        "rule": stop,
        "stopped_after_block": decision.block if decision else None,
        "difference_adjusted": None if (rates := _adjusted(test)) is None else rates.difference,
        "reason": decision.reason if decision else None,
        "sweep": test.history.sweep,
        "family": planned.family,
        "tests": len(declared.family(test)),
        "side": planned.side,
        "alpha": planned.alpha,
        "declared": test.history.entries[0].time.isoformat(),
    } | _missing(test)


def _missing(test: DeclaredTest) -> dict[str, Any]:
    """Return what missing runs could change; a sequential sweep weighs them by its own rule."""
    history, planned = test.history, test.history.planned
    missing = history.missing if history.stop is None else [(0, 0)] * len(history.tables)
    values = missing_values(history.tables, missing, history.failed, test.p, alpha=planned.alpha, side=planned.side)
    return values | {f"missing_{arm}": sum(one[at] for one in history.missing) for at, arm in enumerate("ab")}


def _declared(declared: DeclaredTests, test: DeclaredTest) -> str:
    """All that was declared of a test, in a line."""
    planned, tests = test.history.planned, len(declared.family(test))
    family = f"family {planned.family} of {tests} {'test' if tests == 1 else 'tests'}"
    when = f"declared {day(test.history.entries[0].time)} by sweep {test.history.sweep}, before its first run"
    return f"{planned}: {SIDES[planned.side]}, α {planned.alpha:g}, {family}; {when}"


def _rule(test: DeclaredTest) -> Iterator[str]:
    """Return the stopping rule of a sequential sweep and its decision, as text."""
    history = test.history
    if history.stop is not None:
        decision, e = history.decision, ""
        if decision and decision.e is not None:
            e = f"; e {show(decision.e, 'ratio')}, as the sweep recorded it"
        elif decision and history.contradicts(test.p):
            e = f"; CONTRADICTED by its runs, which give p {show(test.p, 'p')}"
        rule = RULES.get(history.stop, f"stops by a rule unknown here, {history.stop}: p describes")
        yield f"sweep {history.sweep} {rule}; {decision or 'not decided yet'}{e}"


def _confidence_sequence(test: DeclaredTest) -> Interval | None:
    """The differences that the e-process has not rejected; None under other rules, and while a block misses a run."""
    planned, tables = test.history.planned, test.history.tables
    if test.history.stop != "evalue" or not tables or any(arms.n_a != arms.n_b for arms in tables):
        return None
    return confidence_sequence(tables, planned.side, 1 - planned.alpha)


def _at_every_look(test: DeclaredTest) -> Iterator[str]:
    """Return the confidence sequence of a sweep that stops by an e-process, as text."""
    if test.history.stop != "evalue":
        return
    planned = test.history.planned
    if (interval := _confidence_sequence(test)) is None:
        yield f"{planned}: no confidence sequence: a block misses a run of one arm"
    else:
        yield (
            f"{planned}: confidence sequence of B−A at {1 - planned.alpha:g}, valid whenever the sweep stops: "
            f"{show(interval, 'rate')}; the interval of the table is for a size fixed beforehand"
        )


def _adjusted(test: DeclaredTest) -> AdjustedRates | None:
    """Return the rates without the bias of an early stop; None where there was none, or they are not known."""
    history, decision = test.history, test.history.decision
    if decision is None or decision.block >= decision.blocks:
        return None
    return adjusted_by(history.entries[0], history.planned, decision)


def _after_the_stop(test: DeclaredTest) -> Iterator[str]:
    """Return the adjusted difference after an early stop, or that it is inflated, as text."""
    history, decision = test.history, test.history.decision
    if decision is None or decision.block >= decision.blocks:
        return
    if (rates := _adjusted(test)) is None:
        yield f"{history.planned}: stopped early, and not adjusted: on average such a difference is {_bias(decision)}"
    else:
        values = (show(value, "rate") for value in (rates.difference, rates.b, rates.a))
        yield "{}: adjusted for the early stop, B−A is {} ({} less {}), unbiased".format(history.planned, *values)


def _bias(decision: StoppingDecision) -> str:
    return "inflated" if decision.significant else "too small"


def _disagreement(test: DeclaredTest) -> Iterator[str]:
    """Return the strata, where they disagree."""
    if test.result is not None and (disagreement := test.result.disagreement):
        yield f"{test.history.planned}: {disagreement}: {strata_in_line(test.history.named_tables)}"


def strata_in_line(strata: Sequence[tuple[str, TwoArms]]) -> str:
    """Strata with the counts of A and B, the first few of many."""
    named = [f"{name} {arms.k_a}/{arms.n_a} → {arms.k_b}/{arms.n_b}" for name, arms in strata]
    return "; ".join(named[:MOST_STRATA]) + (f"; and {len(named) - MOST_STRATA} more" * (len(named) > MOST_STRATA))
