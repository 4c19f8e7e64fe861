"""The tables of the calibration: arms, scores, other figures, and which versions made the runs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.render import Column, Table
from analysis.stats.arms import CONFIDENCE
from analysis.study.calibration.arms import Record
from analysis.study.calibration.compare import FEWEST, ArmComparison, ComparedFigure
from analysis.study.calibration.fit import fits, in_force
from analysis.study.calibration.predict import SAMPLES
from analysis.study.calibration.runs import FINGERPRINT
from analysis.study.calibration.score import Scored, predicted, scored, total

ARMS = [
    Column("arm", "arm", "text"),
    Column("role", "role", "text"),
    Column("setting", "setting", "text"),
    Column("published", "published", "text"),
    Column("simulated", "simulated", "text"),
    Column("rate", "rate", "rate"),
    Column("interval", "Wilson 95%", "rate"),
    Column("expected", "expected 95%", "level"),
    Column("inside", "inside", "flag"),
]

SCORES = [
    Column("arm", "arm", "text"),
    Column("role", "role", "text"),
    Column("published", "published", "text"),
    Column("simulated", "simulated", "text"),
    Column("width", "counts expected", "text"),
    Column("coin_inside", "coin inside", "rate"),
    Column("score", "log score", "rate"),
    Column("coin", "a coin's", "rate"),
    Column("even", "even counts'", "rate"),
    Column("cost", "cost", "rate"),
]

TASKS = [
    Column("subject", "subject", "text"),
    Column("task", "task", "text"),
    Column("arms", "predicted arms"),
    Column("score", "log score", "rate"),
    Column("coin", "a coin's", "rate"),
    Column("even", "even counts'", "rate"),
    Column("beaten", "better than", "text"),
]

MISSES = [
    Column("name", "figure", "text"),
    Column("arms", "predicted arms"),
    Column("inside", "inside"),
    Column("above", "simulated too high"),
    Column("below", "simulated too low"),
]

VERSIONS = [
    Column("made", "runs", "text"),
    Column("runs", "number"),
    Column("subject", "subject", "text"),
    Column("behaviour", "behaviour of the harness", "text"),
    Column(FINGERPRINT, "fingerprint of the subject", "text"),
    Column("current", "in force", "text"),
]

MEASURES = [
    Column("arm", "arm", "text"),
    Column("role", "role", "text"),
    Column("name", "figure", "text"),
    Column("published", "published", "ratio"),
    Column("simulated", "simulated", "ratio"),
    Column("expected", "expected 95%", "ratio"),
    Column("width", "width", "rate"),
    Column("inside", "inside", "flag"),
]


def arms_table(compared: Sequence[ArmComparison]) -> Table:
    """Completions."""
    notes = [
        f"expected: completions among as many runs as published, with {CONFIDENCE:.0%} (beta-binomial, Jeffreys prior)",
        f"of an arm with fewer than {FEWEST} simulated runs nothing is expected",
        "arms with the same setting are compared with the same simulated runs",
    ]
    return Table("arms", "completions, published and simulated", ARMS, [_arm(one) for one in compared], notes)


def scores_table(arms: Sequence[Scored]) -> Table:
    """Log scores beside those of the references, the arm that costs most first."""
    ordered = sorted(arms, key=lambda one: -one.cost)
    notes = [
        "log score: logarithm of the chance that was given to the published count, in nats; higher is better",
        "even counts: all counts equally likely",
        "cost: how far the log score lies below the better reference",
        f"counts expected: how many of the possible counts the interval with {CONFIDENCE:.0%} holds",
    ]
    return Table("scores", "log scores of the expected completions", SCORES, [_scored(one) for one in ordered], notes)


def tasks_table(compared: Sequence[ArmComparison]) -> Table:
    """Log scores of the predicted arms by subject and task, the lowest first."""
    arms: dict[tuple[str, str], list[Scored]] = {}
    for one in predicted(scored(compared)):
        arms.setdefault((one.target.setting.model, one.target.setting.task), []).append(one)
    names = [column.key for column in TASKS[2:]]
    rows = []
    for (model, task), some in arms.items():
        sums = total(some)
        rows.append({"subject": f"`sim_{model}`", "task": task} | {name: getattr(sums, name) for name in names})
    return Table("tasks", "log scores of predicted arms by task", TASKS, sorted(rows, key=lambda row: row["score"]))


def misses_table(compared: Sequence[ArmComparison]) -> Table:
    """Printed figures of predicted arms by their kind, and on which side those outside lie."""
    figures = [one for arm in compared if not arm.target.fitted for one in arm.measures if one.expected is not None]
    rows = []
    for name in dict.fromkeys(one.name for one in figures):
        some = [(one, one.expected) for one in figures if one.name == name and one.expected is not None]
        above = sum(expected.low > one.published for one, expected in some)
        below = sum(expected.high < one.published for one, expected in some)
        inside = len(some) - above - below
        rows.append({"name": name, "arms": len(some), "inside": inside, "above": above, "below": below})
    return Table("misses", "figures of predicted arms, by kind", MISSES, rows)


def versions_table(made: Mapping[str, Sequence[Record]]) -> Table:
    """Return the versions of the harness and of its subjects for each set of runs."""
    rows, fitted = [], {f"sim-{subject}": in_force(subject)["fingerprint"] for subject in fits()}
    for name, records in made.items():
        keys = [(one["model"], one.get("behaviour"), one.get(FINGERPRINT)) for one in records]
        for (model, behaviour, fingerprint), runs in sorted(Counter(keys).items(), key=str):
            current = "unknown" if fingerprint is None else "yes" if fingerprint == fitted[model] else "no"
            shown = {"behaviour": behaviour or "not noted", FINGERPRINT: fingerprint or "not noted", "current": current}
            rows.append({"made": name, "subject": f"`{model}`", "runs": runs} | shown)
    return Table("versions", "versions that made the runs", VERSIONS, rows)


def measures_table(compared: Sequence[ArmComparison]) -> Table:
    """Passes, read bytes and load:act, where they were printed."""
    rows = [_measure(measured) for one in compared for measured in one.measures]
    notes = [
        f"expected: where {CONFIDENCE:.0%} of {SAMPLES} samples of as many runs lie, drawn from the simulated ones",
        "width: of the expected range, as a share of the published figure",
    ]
    return Table("measures", "other printed figures, published and simulated", MEASURES, rows, notes)


def share_of(counts: tuple[int, int]) -> str:
    """Completions and runs as one word."""
    return f"{counts[0]}/{counts[1]}"


def _arm(one: ArmComparison) -> dict[str, Any]:
    setting, (k, n), (ks, ns) = one.target.setting, one.published, one.simulated
    flags = [name for name in ("memory", "elide_passing") if getattr(setting, name)]
    return {
        "arm": one.target.arm.id,
        "role": one.target.role,
        "setting": f"{setting.model} {setting.task}@{setting.ctx_limit} {' '.join(flags)}".strip(),
        "published": f"{k}/{n}",
        "simulated": f"{ks}/{ns}",
        "rate": ks / ns if ns else None,
        "interval": one.interval if ns else None,
        "expected": one.expected,
        "inside": one.inside,
    }


def _scored(one: Scored) -> dict[str, Any]:
    names = ("coin_inside", "score", "coin", "even", "cost")
    return {
        "arm": one.target.arm.id,
        "role": one.target.role,
        "published": share_of(one.published),
        "simulated": share_of(one.simulated),
        "width": f"{len(one.held)} of {one.published[1] + 1}",
    } | {name: getattr(one, name) for name in names}


def _measure(one: ComparedFigure) -> dict[str, Any]:
    names = ("name", "published", "simulated", "expected", "width", "inside")
    return {"arm": one.target.arm.id, "role": one.target.role} | {name: getattr(one, name) for name in names}
