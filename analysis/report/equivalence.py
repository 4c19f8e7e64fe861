"""Tests of equivalence and non-inferiority beside a contrast."""

from collections.abc import Sequence
from typing import Any

from analysis.render import Column, Table
from analysis.report.declared_report import COMPARISON
from analysis.stats.arms import TwoArms
from analysis.stats.equivalence import equivalence

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


def equivalence_table(
    name: str,
    shown: Sequence[Column],
    rows: Sequence[dict[str, Any]],
    strata: Sequence[Sequence[TwoArms]],
    margin: float,
) -> Table:
    """The rows of a contrast once more, each with its tests against the margin; `strata` are the tables behind each."""
    tested = [row | _tests(tables, margin) for row, tables in zip(rows, strata, strict=True)]
    notes = [*EQUIVALENCE_LEGEND, NOT_DECLARED]
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
