"""Runs without a result beside each test, and what they could change."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from analysis.contrasts.sensitivity import Sensitivity, monotone_sensitivity, sensitivity
from analysis.records.unfinished import UNFINISHED
from analysis.render import Column, show
from analysis.stats.arms import TwoArms
from analysis.stats.curtailed import Left
from harness.exact_test import TIE
from harness.outcome import Outcome

ALPHA = 0.05
"""The level at which an exploratory value counts as a finding."""

WITHOUT = (Outcome.FAULT.value, Outcome.INTERRUPTED.value, UNFINISHED)
"""Kinds of runs without a result."""

SHOWN = [
    Column("without_a", "A, no result", "text"),
    Column("without_b", "B, no result", "text"),
    Column("p_worst", "p, worst case", "p"),
]

_DATA = [
    *(Column(f"{name}_{arm}", name, data=True) for name in (*WITHOUT, "missing") for arm in "ab"),
    Column("p_all_failed", "p, missing failed", "p", data=True),
    Column("p_all_completed", "p, missing completed", "p", data=True),
    Column("robust", "robust", "flag", data=True),
]

LEGEND = (
    "no result: faults, interrupted runs, and unfinished ones (under way, or killed without a record); missing are "
    "those that were not made again. p, worst case: the largest that any outcomes of the missing runs can lead to"
)


def missing_columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """Return the columns of runs without a result; people see them only where there are any."""
    hidden = [Column(one.key, one.heading, one.kind, data=True) for one in SHOWN]
    return [*(SHOWN if any(row["without_a"] or row["without_b"] for row in rows) else hidden), *_DATA]


def missing_values(
    strata: Sequence[TwoArms],
    missing: Sequence[Left],
    failed: tuple[Counter[str], Counter[str]],
    p: float,
    *,
    alpha: float = ALPHA,
    side: str = "two",
) -> dict[str, Any]:
    """Return the values of the columns for one test; unknown, and none at all, where no run is missing."""
    return _values(missing, failed, sensitivity(strata, missing, side), p, alpha)


def missing_values_of_margin(
    strata: Sequence[TwoArms],
    missing: Sequence[Left],
    failed: tuple[Counter[str], Counter[str]],
    p_of: Callable[[Sequence[TwoArms]], float],
    alpha: float,
) -> dict[str, Any]:
    """Return the same for a test against a margin, `p_of`."""
    return _values(missing, failed, monotone_sensitivity(strata, missing, p_of), p_of(strata), alpha)


def _values(
    missing: Sequence[Left],
    failed: tuple[Counter[str], Counter[str]],
    bounds: Sensitivity | None,
    p: float,
    alpha: float,
) -> dict[str, Any]:
    is_finding = p <= alpha * (1 + TIE)
    values: dict[str, Any] = {}
    for arm, outcomes, lost in zip("ab", failed, map(sum, zip(*missing, strict=True)), strict=True):
        values |= {f"{name}_{arm}": outcomes[name] for name in WITHOUT}
        values |= {f"missing_{arm}": lost, f"without_{arm}": _in_words(outcomes, lost)}
    return values | {
        "p_all_failed": bounds.all_failed if bounds else None,
        "p_all_completed": bounds.all_completed if bounds else None,
        "p_worst": bounds.worst if bounds else None,
        "robust": bounds.worst <= alpha * (1 + TIE) if bounds and is_finding else None,
    }


def missing_notes(rows: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Return the bounds of each named test with missing runs, and a mark on findings that they can take away."""
    notes = []
    for name, row in rows:
        if row["p_worst"] is None:
            continue
        values = (show(row[key], "p") for key in ("p_all_failed", "p_all_completed", "p_worst"))
        bounds = "if all missing runs had failed p {}, completed p {}, in the worst case p {}".format(*values)
        mark = "NOT ROBUST: the missing runs could take this finding away; " if row["robust"] is False else ""
        notes.append(f"{name}: {mark}{bounds}")
    return [*notes, LEGEND] if any(row["without_a"] or row["without_b"] for _, row in rows) else []


def _in_words(outcomes: Mapping[str, int], missing: int) -> str | None:
    named = [f"{outcomes[name]} {name}" for name in WITHOUT if outcomes[name]]
    again = sum(outcomes[name] for name in WITHOUT) - missing
    return f"{', '.join(named)}{f', {missing} missing' if again else ''}" if named else None
