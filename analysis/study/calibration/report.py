"""Report of `calibration`, and the page that is generated from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from analysis.render import CommandReport, markdown_table
from analysis.report.rates import SIMULATED
from analysis.stats.arms import CONFIDENCE
from analysis.study.calibration.arms import FITTED, PREDICTED, Record
from analysis.study.calibration.compare import FEWEST, ArmComparison, ComparedFigure, compare
from analysis.study.calibration.fit import FitResult, frozen_lines, last_scores, refits_table
from analysis.study.calibration.lacks import SubjectVerdicts, lacks_table, unreached, varied
from analysis.study.calibration.runs import FINGERPRINT
from analysis.study.calibration.score import Scored, Total, predicted, scored, total
from analysis.study.calibration.tables import (
    arms_table,
    measures_table,
    misses_table,
    scores_table,
    share_of,
    tasks_table,
    versions_table,
)

AIM = 20
"""Other figures of predicted arms that should lie inside."""

ENOUGH = 20
"""Simulated runs that every arm should have."""


def calibration_report(records: Sequence[Record]) -> CommandReport:
    """Every arm, every printed figure of it, and how many lie where they were expected."""
    compared = compare(records)
    return CommandReport(
        [SIMULATED], [arms_table(compared), scores_table(scored(compared)), measures_table(compared)], summary(compared)
    )


def summary(compared: Sequence[ArmComparison]) -> list[str]:
    """Hits and misses, and what is not known well enough."""
    unfitted = [one for one in compared if not one.target.fitted]
    lines = [
        f"predicted arms inside: {_hits(unfitted)}",
        f"of these, with a setting that no fitted arm has: {_hits([one for one in unfitted if one.target.new])}",
        f"fitted arms inside: {_hits([one for one in compared if one.target.fitted])}",
        *score_lines(predicted(scored(compared))),
    ]
    for kind, fitted in (("predicted", False), ("fitted", True)):
        outside = [one.target.arm.id for one in compared if one.inside is False and one.target.fitted is fitted]
        lines += [f"{kind} arms outside: {', '.join(outside)}"] if outside else []
    few = {one.target.arm.id: len(one.records) for one in compared if len(one.records) < ENOUGH}
    counts = ", ".join(f"{arm} {runs}" for arm, runs in few.items())
    return lines + ([f"fewer than {ENOUGH} simulated runs: {counts}"] if few else [])


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
        f"{worst.target.arm.id} costs most ({worst.score:.2f}, published {share_of(worst.published)}, "
        f"simulated {share_of(worst.simulated)}); without it: {_against(others)}",
    ]


def _against(sums: Total) -> str:
    return f"{sums.score:.2f}; a coin {sums.coin:.2f}, even counts {sums.even:.2f}; better than {sums.beaten}"


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
        scores=markdown_table(scores_table(scored(compared))),
        misses=markdown_table(misses_table(again)),
        frozen="\n".join(frozen_lines()),
        frozen_scores=markdown_table(scores_table(last_scores())),
        judged=SubjectVerdicts(compared, again, varied()),
        lacks=markdown_table(lacks_table(compared, varied())),
        unreached=unreached(compared, varied()),
        tasks=markdown_table(tasks_table(again)),
        aim=_aim(compared),
        rehearsed_scores=markdown_table(scores_table(scored(again))),
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
    pairs: str
    """Comparison of the runs that were made both ways, in a sentence."""


def _rehearsal(records: Sequence[Record], rehearsed: Sequence[Record]) -> RehearsalFigures:
    real = {_run(record): record for record in records}
    pairs = [(real[_run(one)], one) for one in rehearsed if _run(one) in real]
    alike = [(a, b) for a, b in pairs if a["outcome"] == b["outcome"]]
    return RehearsalFigures(
        runs=len(rehearsed),
        each=min(len(one.records) for one in compare(rehearsed)),
        pairs=_pairs(len(pairs), len(alike), sum(a["passes"] == b["passes"] for a, b in alike)),
    )


def _pairs(both: int, alike: int, passes: int) -> str:
    if not both:
        return "No run was made both ways with the same seed: the two sets are of different cells."
    return f"Of {both} made both ways with the same seed, {alike} ended alike, {passes} of them after as many passes."


def _run(record: Record) -> tuple[Any, ...]:
    """Return the key that a run shares with its rehearsal alone."""
    return record["cell"], record["replicate"], record.get(FINGERPRINT)


def _listed(compared: Sequence[ArmComparison]) -> str:
    return "\n".join(f"- {line}" for line in summary(compared))


def _hits(compared: Sequence[ArmComparison]) -> str:
    return f"{_share(compared)}; other figures of theirs: {_share([one for arm in compared for one in arm.measures])}"


def _aim(compared: Sequence[ArmComparison]) -> str:
    """Return whether the aim for the other figures of predicted arms is reached, with the real gate."""
    figures = [one for arm in compared if not arm.target.fitted for one in arm.measures if one.inside is not None]
    inside = sum(bool(one.inside) for one in figures)
    reached = "is reached" if inside >= AIM else "is not reached"
    return f"The aim of {AIM} of {len(figures)} figures inside {reached}: {inside} are, with the real gate."


def _share(some: Sequence[ArmComparison] | Sequence[ComparedFigure]) -> str:
    known = [one for one in some if one.inside is not None]
    return f"{sum(bool(one.inside) for one in known)} of {len(known)}"
