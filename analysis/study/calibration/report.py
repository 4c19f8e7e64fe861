"""What `calibration` prints, and the page that is generated from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from analysis.render import Column, CommandReport, Table, markdown_table
from analysis.report.rates import SIMULATED
from analysis.stats.arms import CONFIDENCE
from analysis.study.calibration.arms import FITTED, PREDICTED, Record
from analysis.study.calibration.compare import FEWEST, ArmComparison, ComparedFigure, compare
from analysis.study.calibration.fit import FitResult
from analysis.study.calibration.predict import SAMPLES

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
    return CommandReport([SIMULATED], [arms_table(compared), measures_table(compared)], summary(compared))


def arms_table(compared: Sequence[ArmComparison]) -> Table:
    """Completions."""
    notes = [
        f"expected: completions among as many runs as published, with {CONFIDENCE:.0%} (beta-binomial, Jeffreys prior)",
        f"of an arm with fewer than {FEWEST} simulated runs nothing is expected",
        "arms with the same setting are compared with the same simulated runs",
    ]
    return Table("arms", "completions, published and simulated", ARMS, [_arm(one) for one in compared], notes)


def measures_table(compared: Sequence[ArmComparison]) -> Table:
    """Passes, read bytes and load:act, where they were printed."""
    rows = [_measure(measured) for one in compared for measured in one.measures]
    notes = [
        f"expected: where {CONFIDENCE:.0%} of {SAMPLES} samples of as many runs lie, drawn from the simulated ones"
    ]
    return Table("measures", "other printed figures, published and simulated", MEASURES, rows, notes)


def summary(compared: Sequence[ArmComparison]) -> list[str]:
    """Hits and misses, and what is not known well enough."""
    predicted = [one for one in compared if not one.asked.fitted]
    lines = [
        f"predicted arms inside: {_hits(predicted)}",
        f"of these, with a setting that no fitted arm has: {_hits([one for one in predicted if one.asked.new])}",
        f"fitted arms inside: {_hits([one for one in compared if one.asked.fitted])}",
    ]
    for kind, fitted in (("predicted", False), ("fitted", True)):
        outside = [one.asked.arm.id for one in compared if one.inside is False and one.asked.fitted is fitted]
        lines += [f"{kind} arms outside: {', '.join(outside)}"] if outside else []
    few = {one.asked.arm.id: len(one.records) for one in compared if len(one.records) < ENOUGH}
    told = ", ".join(f"{arm} {runs}" for arm, runs in few.items())
    return lines + ([f"fewer than {ENOUGH} simulated runs: {told}"] if few else [])


def page(records: Sequence[Record], rehearsed: Sequence[Record]) -> str:
    """The whole page, as Markdown; every figure in it is computed, or was written down by the fit."""
    compared, again = compare(records), compare(rehearsed)
    template = (files("analysis.study.calibration") / "simulator.md").read_text(encoding="utf-8")
    return template.format(
        number=_numbers(compared, records),
        rehearsed=_rehearsal(records, rehearsed),
        fit={subject: FitResult(subject) for subject in ("resweep", "selective")},
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


def _measure(one: ComparedFigure) -> dict[str, Any]:
    names = ("name", "published", "simulated", "expected", "inside")
    return {"arm": one.asked.arm.id, "role": one.asked.role} | {name: getattr(one, name) for name in names}
