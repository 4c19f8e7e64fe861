"""Rows of contrasts: counts, the tests beside the house test, and what is known against them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from analysis.contrasts.confounding import in_words, merged
from analysis.contrasts.contrast import Contrast, Stratum, TestResult
from analysis.records.cells import Level, PooledCell
from analysis.render import Column, interval_columns, show
from analysis.report.declared_report import COMPARISON
from analysis.report.missing import missing_values

CONFOUNDED = Column("confounded", "confounded", "text", data=True)

HOUSE = [*COMPARISON, Column("p_greater", "p (B>A)", "p")]

BESIDE = [
    Column("p_adjusted", "p, BH", "p"),
    Column("p_mid", "mid-p", "p"),
    Column("boschloo", "Boschloo", "p"),
    Column("boschloo_doubled", "Boschloo, SciPy's", "p"),
    *interval_columns("odds_ratio", "odds ratio", "ratio"),
    Column("superiority", "P(B>A)", "rate"),
    Column("posterior_interval", "posterior 95%", "rate"),
    Column("smallest_margin", "smallest margin", "rate"),
    Column("smallest_p", "least p", "p"),
]


def row_of(
    contrast: Contrast, strata: Sequence[Stratum], levels: dict[str, Level], tested: TestResult
) -> dict[str, Any]:
    arms = tested.arms
    failed = _failed(one.a for one in strata), _failed(one.b for one in strata)
    missing = missing_values([one.arms for one in strata], [one.missing for one in strata], failed, tested.p.two_sided)
    found = merged(one.differences(contrast.factor) for one in strata)
    first = next(iter(strata_keys(contrast)), None)
    label: dict[str, Any] = dict(levels) if levels or first is None else contrast.subject | {first: "all strata"}
    return (
        label
        | {
            "a": f"{arms.k_a}/{arms.n_a}",
            "b": f"{arms.k_b}/{arms.n_b}",
            "difference": tested.difference,
            "difference_interval": tested.difference_interval,
            "p": tested.p.two_sided,
            "p_greater": tested.p.greater,
            "p_mid": tested.p.mid,
            "exact": tested.exact,
            "boschloo": tested.boschloo,
            "boschloo_doubled": tested.boschloo_doubled,
            "posterior_interval": tested.posterior_interval,
            "smallest_margin": tested.smallest_margin,
            "homogeneity": tested.homogeneity.p if tested.homogeneity else None,
            "odds_ratio": tested.odds_ratio,
            "odds_ratio_interval": tested.odds_ratio_interval,
            "superiority": tested.superiority,
            "smallest_p": tested.smallest_p,
            "cells": [cell for one in strata for cell in one.cells],
            "confounded": "; ".join(in_words(found)) or None,
        }
        | missing
    )


def _failed(arms: Iterable[Sequence[PooledCell]]) -> Counter[str]:
    """Return the faults and interruptions of one arm."""
    return sum((counts for arm in arms for cell in arm for counts in cell.failed.values()), Counter[str]())


def row_name(contrast: Contrast, row: dict[str, Any]) -> str:
    """Return the name of a row in notes: its stratum, or the contrast where there is just one."""
    named = [f"{name} {show(row[name])}" for name in strata_keys(contrast) if row.get(name) is not None]
    return ", ".join(named) or f"{contrast.factor}: {show(contrast.b)} vs {show(contrast.a)}"


def confounded_lines(contrast: Contrast) -> list[str]:
    """Return what differs between the arms beside the factor, a line each: whatever it is, it may be the cause."""
    return [f"exploratory: {title(contrast)}: CONFOUNDED with {one}" for one in in_words(contrast.differences)]


def strata_keys(contrast: Contrast) -> list[str]:
    """Return the factors that separate strata, without the subject, which the title names."""
    return [name for name in contrast.strata[0].levels if name not in contrast.subject]


def name_of(contrast: Contrast) -> str:
    subject = "".join(f"-{name}={show(level)}" for name, level in contrast.subject.items())
    return f"{contrast.factor}-{show(contrast.a)}-{show(contrast.b)}{subject}"


def title(contrast: Contrast) -> str:
    subject = "".join(f", {name} {show(level)}" for name, level in contrast.subject.items())
    return f"{contrast.factor}: B = {show(contrast.b)} against A = {show(contrast.a)}{subject}"
