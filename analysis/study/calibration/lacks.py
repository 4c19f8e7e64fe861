"""Misses of the simulated subjects: habits tried on each in turn, and sentences worded from their conditions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import exp, log
from statistics import median
from typing import Any

from analysis.render import Column, Table, show
from analysis.stats.arms import TwoArms
from analysis.stats.conditional import fisher
from analysis.study.calibration.compare import ArmComparison, ComparedFigure
from analysis.study.calibration.score import Scored, scored
from analysis.study.published.recompute import ALPHA

LACKS = [
    Column("arm", "arm", "text"),
    Column("figure", "figure", "text"),
    Column("published", "published", "ratio"),
    Column("simulated", "simulated", "ratio"),
    Column("expected", "expected 95%", "ratio"),
    Column("side", "simulated is", "text"),
    Column("unchanged", "as few runs, unchanged", "ratio"),
    Column("reached", "habits that alone reach the published figure", "text"),
    Column("nearest", "habit that comes nearest", "text"),
]

COMPLETED = "completed"

NOT_SHOWN = "the miss does not show in as few runs"

MEANINGS = {
    "tests_first": "share of contexts in which the tests are run before anything is read",
    "lists": "share of folders that are listed first",
    "sweeps_specs": "share of specs that are read before anything is written",
    "sweeps_code": "share of code that is read before anything is written",
    "sweeps_satisfied": "share of files of passing packages that are read before anything is written",
    "sweeps_rest": "share of other files that are read before anything is written",
    "retests": "share of contexts in which the tests are run on old code first",
    "writes_early": "share of contexts in which a package is written once it can be",
    "batches": "share of contexts in which a turn holds several calls",
    "tests_each": "share of writes after which the tests are run at once",
    "slips": "share of kilobytes that are written with a slip",
    "repairs": "share of kilobytes that a repair gets right",
    "overlooks": "share of wrong files that look right to the subject",
    "edits": "share of repairs that are made by an edit",
    "batch_bytes": "most bytes that one turn writes",
    "wordiness": "length of the code, as a multiple of the reference",
}
"""The shares and numbers that the habits are, as in `harness/simulator/parameters.py`."""


@dataclass(frozen=True)
class Miss:
    """A published figure outside its expectation; completions are one too."""

    arm: str
    figure: str
    published: float
    simulated: float
    expected: tuple[float, float]
    runs: int
    """Published runs of the arm."""

    def value(self, row: dict[str, Any]) -> float:
        """The figure under one variation; completions as so many of the published runs."""
        return float(row["simulated"]) * (self.runs / row["runs"] if self.figure == COMPLETED else 1)

    @property
    def side(self) -> str:
        return "too high" if self.published < self.expected[0] else "too low"


def varied() -> list[dict[str, Any]]:
    """The rehearsals with one habit changed at a time, as `fitting.vary` wrote them."""
    text = (files("analysis.study.calibration") / "data" / "varied.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def misses(compared: Sequence[ArmComparison]) -> list[Miss]:
    """Every figure of a predicted arm that lies outside, completions among them."""
    outside = []
    for arm in (one for one in compared if not one.target.fitted):
        if arm.inside is False and arm.expected is not None:
            k, n = arm.simulated
            rate = k / n * arm.published[1]
            outside.append(Miss(arm.target.arm.id, COMPLETED, arm.published[0], rate, arm.expected, arm.published[1]))
        for one in arm.measures:
            if one.inside is False and one.expected is not None and one.simulated is not None:
                figures = one.published, one.simulated, one.expected, arm.published[1]
                outside.append(Miss(arm.target.arm.id, one.name, *figures))
    return outside


def lacks_table(compared: Sequence[ArmComparison], variations: Sequence[dict[str, Any]]) -> Table:
    """Each miss with the habits that reach the published figure, each changed alone, and the one that comes nearest."""
    rows = []
    for miss in misses(compared):
        own = [one for one in variations if (one["arm"], one["figure"]) == (miss.arm, miss.figure)]
        base = next((miss.value(one) for one in own if not one["habit"]), None)
        changed = [one for one in own if one["habit"]]
        if base is None or not changed:
            rows.append(vars(miss) | {"side": miss.side, "reached": "not tried"})
            continue
        gap = base - miss.published
        if gap * (miss.simulated - miss.published) <= 0:
            rows.append(vars(miss) | {"side": miss.side, "unchanged": base, "reached": NOT_SHOWN})
            continue
        reached = [one for one in changed if gap * (miss.value(one) - miss.published) <= 0]
        nearest = min(changed, key=lambda one: abs(log(max(miss.value(one), 0.1) / max(miss.published, 0.1))))
        said = ", ".join(_habit(one) for one in reached) or f"none of {len(changed)}"
        near = f"{_habit(nearest)}: {show(miss.value(nearest), 'ratio')}"
        rows.append(vars(miss) | {"side": miss.side, "unchanged": base, "reached": said, "nearest": near})
    return Table("lacks", "misses, and the habits that would close them", LACKS, rows)


def unreached(compared: Sequence[ArmComparison], variations: Sequence[dict[str, Any]]) -> str:
    """The number of misses that no habit reaches alone, which ask for habits that the subjects do not have."""
    rows = lacks_table(compared, variations).rows
    none = [row for row in rows if row["reached"].startswith("none")]
    hidden = [row for row in rows if row["reached"] in ("not tried", NOT_SHOWN)]
    several = [row for row in rows if row not in none and row not in hidden]
    return (
        f"{len(none)} of {len(rows)} misses are reached by no habit alone: what they lack is a habit that the subject "
        f"does not have, or several at once. {len(several)} are reached by a habit at the end of its range. "
        f"In as few runs, {len(hidden)} of them cannot be seen."
    )


def _habit(row: dict[str, Any]) -> str:
    return f"`{row['habit']}` {row['value']:g}"


@dataclass(frozen=True)
class SubjectVerdicts:
    """Sentences on what the subjects lack, from the runs with the real gate and the rehearsed ones."""

    compared: Sequence[ArmComparison]
    rehearsed: Sequence[ArmComparison]
    variations: Sequence[dict[str, Any]]

    @property
    def worst(self) -> str:
        """The arm that costs most, and what changing one habit at a time does to it."""
        arm = max((one for one in scored(self.compared) if not one.target.fitted), key=lambda one: one.cost)
        own = [one for one in self.variations if (one["arm"], one["figure"]) == (arm.target.arm.id, COMPLETED)]
        tried, base = [one for one in own if one["habit"]], next((one for one in own if not one["habit"]), None)
        text = f"`{arm.target.arm.id}` costs most, {arm.cost:.2f} nats more than the better reference: {_counts(arm)}."
        if not tried:
            return text
        best = max(tried, key=lambda one: one["simulated"])
        if not best["simulated"]:
            return f"{text} None of {best['runs']} runs completes with any of {len(tried)} habits changed alone."
        most = [one for one in tried if one["simulated"] == best["simulated"]]
        named = ", ".join(f"{_habit(one)} ({MEANINGS[one['habit']]})" for one in most)
        lacking = (
            f"With {named}, changed alone among {len(tried)} habits, {best['simulated']}/{best['runs']} runs complete"
        )
        unchanged = f"with nothing changed {base['simulated']}/{base['runs']}" if base else "others fewer"
        return (
            f"{text} {lacking}, {unchanged}: this is what the subject lacks most on this arm, as far as one habit goes."
        )

    @property
    def independent(self) -> str:
        """Independent packages: completions with elision and without, published and simulated, each with its test."""
        lines = []
        for plain, elided in (("p08-8k-A", "p08-8k-B"), ("p08-6k-A", "p08-6k-B")):
            a, b = (self._rehearsed(name) for name in (plain, elided))
            published, simulated = _p(a.published, b.published), _p(a.simulated, b.simulated)
            lines.append(
                f"at {a.target.setting.ctx_limit:,} tokens published {_share(b.published)} with elision, "
                f"{_share(a.published)} without ({_verdict(published)}), simulated {_share(b.simulated)} and "
                f"{_share(a.simulated)} ({_verdict(simulated)})"
            )
        return "; ".join(lines)

    @property
    def bytes_read(self) -> str:
        """Distance of the bytes read a pass from the published ones."""
        figures = [one for one in self._figures() if one.name == "read bytes a pass" and one.simulated]
        off = median(abs(log(one.simulated / one.published)) for one in figures if one.simulated)
        high = sum((one.simulated or 0.0) > one.published for one in figures)
        return f"off by a factor of {exp(off):.2f} in the median of {len(figures)} arms, too high in {high}"

    @property
    def load_act(self) -> str:
        """Number of printed figures of load:act that the simulated subject exceeds."""
        figures = [one for one in self._figures(fitted=True) if "load:act" in one.name and one.simulated]
        high = sum((one.simulated or 0.0) > one.published for one in figures)
        return f"the simulated subject reads more for each act in {high} of {len(figures)} printed figures"

    @property
    def passes(self) -> str:
        """Number of arms whose published runs lie closer together in passes than the simulated ones."""
        spans = []
        for arm in self.rehearsed:
            ends = {one.name: one for one in arm.measures}
            if arm.target.fitted or not {"fewest passes", "most passes"} <= ends.keys():
                continue
            least, most = ends["fewest passes"], ends["most passes"]
            simulated = (most.simulated or 0.0) - (least.simulated or 0.0)
            spans.append((most.published - least.published, simulated))
        closer, further = (sum(sign * (a - b) < 0 for a, b in spans) for sign in (1, -1))
        arms = f"{len(spans)} arms with a printed range"
        return (
            f"of {arms}, published runs lie closer together than the simulated in {closer}, further apart in {further}"
        )

    @property
    def large(self) -> str:
        """Completions with the largest budget of the predicted arms."""
        budget = max(one.target.setting.ctx_limit for one in self.rehearsed if not one.target.fitted)
        arms = [one for one in self.rehearsed if one.target.setting.ctx_limit == budget]
        published = [sum(values) for values in zip(*(one.published for one in arms), strict=True)]
        simulated = [sum(values) for values in zip(*(one.simulated for one in arms), strict=True)]
        counts = (
            f"{published[0]}/{published[1]} published runs completed, and {simulated[0]}/{simulated[1]} simulated ones"
        )
        return f"at {budget:,} tokens {counts}"

    @property
    def even_inside(self) -> str:
        """The number of predicted arms that a guess without knowledge would have inside."""
        arms = [one for one in scored(self.compared) if not one.target.fitted]
        return f"{sum(one.even_inside for one in arms):.1f} of {len(arms)}"

    def _rehearsed(self, name: str) -> ArmComparison:
        return next(one for one in self.rehearsed if one.target.arm.id == name)

    def _figures(self, *, fitted: bool = False) -> list[ComparedFigure]:
        return [one for arm in self.rehearsed if fitted or not arm.target.fitted for one in arm.measures]


def _p(a: tuple[int, int], b: tuple[int, int]) -> float:
    return fisher(TwoArms(*a, *b)).two_sided


def _verdict(p: float) -> str:
    return f"{'a difference' if p <= ALPHA else 'no measurable difference'}, p {_sign(p)}"


def _sign(p: float) -> str:
    text = show(p, "p")
    return text if text.startswith("<") else f"= {text}"


def _share(counts: tuple[int, int]) -> str:
    return f"{counts[0]}/{counts[1]}"


def _counts(arm: Scored) -> str:
    return f"published {_share(arm.published)}, simulated {_share(arm.simulated)}"
