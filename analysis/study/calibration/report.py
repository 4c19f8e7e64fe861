"""What `calibration` prints, and the page that is generated from it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from analysis.render import Column, CommandReport, Table, markdown_table
from analysis.report.rates import SIMULATED
from analysis.stats.arms import CONFIDENCE
from analysis.study.calibration.arms import FITTED, PREDICTED, Record
from analysis.study.calibration.compare import FEWEST, ArmComparison, ComparedFigure, compare
from analysis.study.calibration.fit import FitResult, fits, refits_table
from analysis.study.calibration.predict import SAMPLES
from analysis.study.calibration.runs import FINGERPRINT
from analysis.study.calibration.score import Scored, Total, predicted, scored, total

ENOUGH = 20
"""Simulated runs that every arm should have."""

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

VERSIONS = [
    Column("made", "runs", "text"),
    Column("runs", "number"),
    Column("subject", "subject", "text"),
    Column("behaviour", "behaviour of the harness", "text"),
    Column(FINGERPRINT, "fingerprint of the subject", "text"),
    Column("current", "that of the last fit", "text"),
]

MEASURES = [
    Column("arm", "arm", "text"),
    Column("role", "role", "text"),
    Column("name", "figure", "text"),
    Column("published", "published", "ratio"),
    Column("simulated", "simulated", "ratio"),
    Column("expected", "expected 95%", "ratio"),
    Column("inside", "inside", "flag"),
]


def calibration_report(records: Sequence[Record]) -> CommandReport:
    """Every arm, every printed figure of it, and how many lie where they were expected."""
    compared = compare(records)
    return CommandReport(
        [SIMULATED], [arms_table(compared), scores_table(compared), measures_table(compared)], summary(compared)
    )


def arms_table(compared: Sequence[ArmComparison]) -> Table:
    """Completions."""
    notes = [
        f"expected: completions among as many runs as published, with {CONFIDENCE:.0%} (beta-binomial, Jeffreys prior)",
        f"of an arm with fewer than {FEWEST} simulated runs nothing is expected",
        "arms with the same setting are compared with the same simulated runs",
    ]
    return Table("arms", "completions, published and simulated", ARMS, [_arm(one) for one in compared], notes)


def scores_table(compared: Sequence[ArmComparison]) -> Table:
    """Log scores beside those of the references, the arm that costs most first."""
    ordered = sorted(scored(compared), key=lambda one: -one.cost)
    notes = [
        "log score: logarithm of the chance that was given to the published count, in nats; higher is better",
        "even counts: all counts equally likely",
        "cost: how far the log score lies below the better reference",
        f"counts expected: how many of the possible counts the interval with {CONFIDENCE:.0%} holds",
    ]
    return Table("scores", "log scores of the expected completions", SCORES, [_scored(one) for one in ordered], notes)


def versions_table(made: Mapping[str, Sequence[Record]]) -> Table:
    """Which version of the harness and of its subjects each set of runs was made with."""
    rows, fitted = [], {f"sim-{subject}": some[-1]["fingerprint"] for subject, some in fits().items()}
    for name, records in made.items():
        keys = [(one["model"], one.get("behaviour"), one.get(FINGERPRINT)) for one in records]
        for (model, behaviour, fingerprint), runs in sorted(Counter(keys).items(), key=str):
            told = "unknown" if fingerprint is None else "yes" if fingerprint == fitted[model] else "no"
            shown = {"behaviour": behaviour or "not noted", FINGERPRINT: fingerprint or "not noted", "current": told}
            rows.append({"made": name, "subject": f"`{model}`", "runs": runs} | shown)
    return Table("versions", "versions that made the runs", VERSIONS, rows)


def measures_table(compared: Sequence[ArmComparison]) -> Table:
    """Passes, read bytes and load:act, where they were printed."""
    rows = [_measure(measured) for one in compared for measured in one.measures]
    notes = [
        f"expected: where {CONFIDENCE:.0%} of {SAMPLES} samples of as many runs lie, drawn from the simulated ones"
    ]
    return Table("measures", "other printed figures, published and simulated", MEASURES, rows, notes)


def summary(compared: Sequence[ArmComparison]) -> list[str]:
    """Hits and misses, and what is not known well enough."""
    unfitted = [one for one in compared if not one.asked.fitted]
    lines = [
        f"predicted arms inside: {_hits(unfitted)}",
        f"of these, with a setting that no fitted arm has: {_hits([one for one in unfitted if one.asked.new])}",
        f"fitted arms inside: {_hits([one for one in compared if one.asked.fitted])}",
        *score_lines(predicted(scored(compared))),
    ]
    for kind, fitted in (("predicted", False), ("fitted", True)):
        outside = [one.asked.arm.id for one in compared if one.inside is False and one.asked.fitted is fitted]
        lines += [f"{kind} arms outside: {', '.join(outside)}"] if outside else []
    few = {one.asked.arm.id: len(one.records) for one in compared if len(one.records) < ENOUGH}
    told = ", ".join(f"{arm} {runs}" for arm, runs in few.items())
    return lines + ([f"fewer than {ENOUGH} simulated runs: {told}"] if few else [])


def score_lines(arms: Sequence[Scored]) -> list[str]:
    """The scores of the predicted arms together, what the references would reach, and the arm that costs most."""
    if not arms:
        return []
    sums, worst = total(arms), max(arms, key=lambda one: one.cost)
    others = total([one for one in arms if one is not worst])
    return [
        f"of so many predicted arms, a coin would be inside {sums.coin_inside:.2f} times, "
        f"and even counts {sums.even_inside:.2f} times",
        f"log score of the predicted arms: {_against(sums)}",
        f"{worst.asked.arm.id} costs most ({worst.score:.2f}, published {_share_of(worst.published)}, "
        f"simulated {_share_of(worst.simulated)}); without it: {_against(others)}",
    ]


def _against(sums: Total) -> str:
    return f"{sums.score:.2f}; a coin {sums.coin:.2f}, even counts {sums.even:.2f}; better than {sums.beaten}"


def _share_of(counts: tuple[int, int]) -> str:
    return f"{counts[0]}/{counts[1]}"


def page(records: Sequence[Record], rehearsed: Sequence[Record]) -> str:
    """The whole page, as Markdown; every figure in it is computed, or was written down by the fit."""
    compared, again = compare(records), compare(rehearsed)
    template = (files("analysis.study.calibration") / "simulator.md").read_text(encoding="utf-8")
    return template.format(
        number=_numbers(compared, records),
        rehearsed=_rehearsal(records, rehearsed),
        fit={subject: FitResult(subject) for subject in ("resweep", "selective")},
        refits=markdown_table(refits_table()),
        versions=markdown_table(versions_table({"the real gate": records, "rehearsed": rehearsed})),
        scores=markdown_table(scores_table(compared)),
        rehearsed_scores=markdown_table(scores_table(again)),
        arms=markdown_table(arms_table(compared)),
        measures=markdown_table(measures_table(compared)),
        summary=_listed(compared),
        rehearsed_arms=markdown_table(arms_table(again)),
        rehearsed_measures=markdown_table(measures_table(again)),
        rehearsed_summary=_listed(again),
    )


@dataclass(frozen=True)
class CalibrationFigures:
    """Figures that the page's prose asks for."""

    fitted: int
    predicted: int
    runs: int
    least: int
    enough: int
    fewest: int
    confidence: str
    minutes: str


def _numbers(compared: Sequence[ArmComparison], records: Sequence[Record]) -> CalibrationFigures:
    counts = [len(one.records) for one in compared]
    seconds = sum(record["duration_sec"] for record in records)
    return CalibrationFigures(
        fitted=len(FITTED),
        predicted=len(PREDICTED),
        runs=len(records),
        least=min(counts),
        enough=ENOUGH,
        fewest=FEWEST,
        confidence=f"{CONFIDENCE:.0%}",
        minutes=f"{seconds / 60:,.0f}",
    )


@dataclass(frozen=True)
class RehearsalFigures:
    """Figures on the rehearsed runs, and on those of them that the real gate saw too."""

    runs: int
    each: int
    both: int
    alike: int
    passes: int


def _rehearsal(records: Sequence[Record], rehearsed: Sequence[Record]) -> RehearsalFigures:
    real = {(record["cell"], record["replicate"]): record for record in records}
    pairs = [(real[key], one) for one in rehearsed if (key := (one["cell"], one["replicate"])) in real]
    alike = [(a, b) for a, b in pairs if a["outcome"] == b["outcome"]]
    return RehearsalFigures(
        runs=len(rehearsed),
        each=min(len(one.records) for one in compare(rehearsed)),
        both=len(pairs),
        alike=len(alike),
        passes=sum(a["passes"] == b["passes"] for a, b in alike),
    )


def _listed(compared: Sequence[ArmComparison]) -> str:
    return "\n".join(f"- {line}" for line in summary(compared))


def _hits(compared: Sequence[ArmComparison]) -> str:
    return f"{_share(compared)}; other figures of theirs: {_share([one for arm in compared for one in arm.measures])}"


def _share(some: Sequence[ArmComparison] | Sequence[ComparedFigure]) -> str:
    told = [one for one in some if one.inside is not None]
    return f"{sum(bool(one.inside) for one in told)} of {len(told)}"


def _arm(one: ArmComparison) -> dict[str, Any]:
    setting, (k, n), (ks, ns) = one.asked.setting, one.published, one.simulated
    flags = [name for name in ("memory", "elide_passing") if getattr(setting, name)]
    return {
        "arm": one.asked.arm.id,
        "role": one.asked.role,
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
        "arm": one.asked.arm.id,
        "role": one.asked.role,
        "published": _share_of(one.published),
        "simulated": _share_of(one.simulated),
        "width": f"{len(one.held)} of {one.published[1] + 1}",
    } | {name: getattr(one, name) for name in names}


def _measure(one: ComparedFigure) -> dict[str, Any]:
    names = ("name", "published", "simulated", "expected", "inside")
    return {"arm": one.asked.arm.id, "role": one.asked.role} | {name: getattr(one, name) for name in names}
