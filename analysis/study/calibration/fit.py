"""Fits of the simulated subjects: their candidates, choices and scores, as written by `fitting.search`."""

import json
from importlib.resources import files
from typing import Any

from analysis.render import Column, Table, markdown_table
from analysis.study.calibration.score import Scored, predicted, scored_counts, total

REFITS = [
    Column("subject", "subject", "text"),
    Column("reason", "why", "text"),
    Column("candidates", "candidates"),
    Column("before", "loss of the parameters before", "rate"),
    Column("loss", "loss of the choice", "rate"),
    Column("changed", "parameters changed", "text"),
    Column("inside", "predicted arms inside", "text"),
    Column("figures", "other figures of theirs", "text"),
    Column("score", "their log score", "rate"),
    Column("spread", "alone", "rate"),
    Column("coin", "a coin's", "rate"),
    Column("even", "even counts'", "rate"),
    Column("beaten", "better than", "text"),
    Column("in_force", "in force", "flag"),
]


def fits() -> dict[str, list[dict[str, Any]]]:
    """Every fit by subject, the oldest first."""
    text = (files("analysis.study.calibration") / "data" / "fit.json").read_text(encoding="utf-8")
    by_subject: dict[str, list[dict[str, Any]]] = json.loads(text)
    return by_subject


def in_force(subject: str) -> dict[str, Any]:
    """The last fit whose choice is what the subject is served with."""
    return [fit for fit in fits()[subject] if fit["in_force"]][-1]


def refits_table() -> Table:
    """Every fit with its losses, and the score of the predicted arms that it led to."""
    rows = []
    for subject, some in fits().items():
        for before, fit in zip([None, *some], some, strict=False):
            changed = None if before is None else _changed(before["chosen"], fit["chosen"])
            rows.append(_refit(subject, fit) | {"changed": changed})
    return Table("refits", "fits and their scores", REFITS, rows)


def _refit(subject: str, fit: dict[str, Any]) -> dict[str, Any]:
    sums = total(predicted(scored_counts(fit.get("rehearsed", {}))))
    row = {
        "subject": f"`sim_{subject}`",
        "reason": fit["reason"],
        "candidates": fit["candidates"],
        "before": fit["before_again"],
        "loss": fit["loss"],
        "in_force": fit["in_force"],
    }
    if not sums.arms:  # not rehearsed yet
        return row
    scores = {name: getattr(sums, name) for name in ("score", "spread", "coin", "even", "beaten")}
    figures = fit.get("figures")
    counted = {
        "inside": f"{sums.inside} of {sums.arms}",
        "figures": f"{figures[0]} of {figures[1]}" if figures else None,
    }
    return row | counted | scores


def last_scores() -> list[Scored]:
    """The predicted arms with what the last fit of each subject gave of them."""
    return [one for some in fits().values() for one in predicted(scored_counts(some[-1].get("rehearsed", {})))]


def frozen_lines() -> list[str]:
    """Return, for each subject, what the last fit chose, and how the choice scored beside the parameters in force."""
    lines = []
    for subject, some in fits().items():
        last, sums = some[-1], total(predicted(scored_counts(some[-1].get("rehearsed", {}))))
        if last["in_force"]:
            lines.append(
                f"- The last fit of `sim_{subject}` chose the parameters in force: log score {sums.score:.2f}."
            )
            continue
        now = total(predicted(scored_counts(last["rehearsed_in_force"])))
        apart, noise = sums.score - now.score, (sums.spread**2 + now.spread**2) ** 0.5
        verdict = "more than" if abs(apart) > 2 * noise else "no more than"
        changed = _changed(in_force(subject)["chosen"], last["chosen"])
        lines.append(
            f"- The last fit of `sim_{subject}` chose parameters that are not in force ({changed}). "
            f"Rehearsed as the search rehearses, they score {sums.score:.2f} and those in force {now.score:.2f}, "
            f"{apart:+.2f} apart, which is {verdict} twice what seeds alone cause ({noise:.2f})."
        )
    return lines


def _changed(before: dict[str, float], after: dict[str, float]) -> str:
    names = [name for name, value in after.items() if name in before and before[name] != value]
    return ", ".join(f"`{name}` {before[name]:g} to {after[name]:g}" for name in names) or "none"


class FitResult:
    """Candidates and choice of the last fit of one subject."""

    def __init__(self, subject: str) -> None:
        self._fit = fits()[subject][-1]

    @property
    def grid(self) -> str:
        """The values tried of each parameter, and the one that the fit chose."""
        columns = [Column(name, name, "text") for name in ("parameter", "tried", "chosen")]
        rows = [
            {"parameter": f"`{name}`", "tried": ", ".join(map(str, values)), "chosen": str(self._fit["chosen"][name])}
            for name, values in self._fit["grid"].items()
        ]
        return markdown_table(Table("grid", "", columns, rows))

    @property
    def tolerance(self) -> str:
        """The difference of logarithms, figure by figure, that counts for half a unit of loss."""
        return ", ".join(f"{name} {value:g}" for name, value in self._fit["tolerance"].items())

    @property
    def targets(self) -> str:
        """Return the published targets of the fit, taken together where arms share a setting."""
        columns = [Column(name, name, "text") for name in ("setting", "completed", "other figures")]
        rows = [
            {
                "setting": target["setting"],
                "completed": f"{target['completed']}/{target['runs']}",
                "other figures": ", ".join(f"{name} {value:g}" for name, value in target["figures"].items()),
            }
            for target in self._fit["targets"]
        ]
        return markdown_table(Table("targets", "", columns, rows))

    def __getattr__(self, name: str) -> str:
        return str(self._fit[name])
