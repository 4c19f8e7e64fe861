"""Published arms beside simulated ones: what was to be expected, and whether the published figure lies within."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import mean

from analysis.stats.arms import Interval
from analysis.stats.proportion import wilson
from analysis.study.calibration import predict
from analysis.study.calibration.arms import CalibrationArm, Record, calibration_arms
from analysis.study.published.ledger import number
from harness.record import ACTS, LOADS

FEWEST = 5
"""Simulated runs below which nothing is expected of an arm: nearly any figure would lie within."""


@dataclass(frozen=True)
class ComparedFigure:
    """One published figure of an arm beside what the simulated runs let one expect of it."""

    target: CalibrationArm
    name: str
    published: float
    simulated: float | None
    """The same figure over all simulated runs; None where there are none."""
    expected: Interval | None

    @property
    def inside(self) -> bool | None:
        return None if self.expected is None else self.expected.low <= self.published <= self.expected.high

    @property
    def width(self) -> float | None:
        """Width of the expected range, as a share of the published figure."""
        return None if self.expected is None else (self.expected.high - self.expected.low) / self.published


@dataclass(frozen=True)
class ArmComparison:
    """One arm: its completions, and its measures as far as they were printed."""

    target: CalibrationArm
    records: Sequence[Record]
    """The simulated runs of its setting."""

    @property
    def published(self) -> tuple[int, int]:
        """Completions and runs, as printed."""
        return self.target.arm.completed or 0, self.target.arm.n or 0

    @property
    def simulated(self) -> tuple[int, int]:
        """Completions and runs."""
        return sum(record["outcome"] == "completed" for record in self.records), len(self.records)

    @property
    def enough(self) -> bool:
        return len(self.records) >= FEWEST

    @property
    def interval(self) -> Interval:
        return wilson(*self.simulated)

    @property
    def expected(self) -> Interval | None:
        return predict.completions(*self.simulated, self.published[1]) if self.enough else None

    @property
    def inside(self) -> bool | None:
        return None if self.expected is None else self.expected.low <= self.published[0] <= self.expected.high

    @cached_property
    def measures(self) -> list[ComparedFigure]:
        return list(self._measures())

    def _measures(self) -> Iterator[ComparedFigure]:
        for name, figure, of in _figures(self.target):
            simulated = of(self.records) if self.records else None
            expected = predict.statistic(self.records, self.published[1], of) if self.enough else None
            yield ComparedFigure(self.target, name, figure, simulated, expected)


def compare(records: Sequence[Record]) -> list[ArmComparison]:
    """Every arm, with the simulated runs of its setting."""
    return [
        ArmComparison(one, [record for record in records if one.setting.holds(record)]) for one in calibration_arms()
    ]


def _figures(one: CalibrationArm) -> Iterator[tuple[str, float, predict.Statistic]]:
    """The figures that were printed of an arm, each with how it is taken from as many runs."""
    row, single = one.arm.row, one.arm.n == 1
    if row["passes_min"] and single:
        yield "passes", float(row["passes_min"]), mean_passes
    elif row["passes_min"] and row["passes_max"]:
        yield "fewest passes", float(row["passes_min"]), _fewest_passes
        yield "most passes", float(row["passes_max"]), _most_passes
    if row["read_bytes_per_pass"]:
        yield "read bytes a pass", float(row["read_bytes_per_pass"]), bytes_a_pass
    ratio = row["load_act_ratio"]
    if ratio and "-" in ratio:
        low, high = ratio.split()[0].split("-")
        yield "least load:act", float(low), _least_ratio
        yield "most load:act", float(high), _most_ratio
    elif ratio:
        yield "load:act", number(ratio) or 0.0, load_act_ratio


def mean_passes(records: Sequence[Record]) -> float:
    return float(mean(record["passes"] for record in records))


def _fewest_passes(records: Sequence[Record]) -> float:
    return float(min(record["passes"] for record in records))


def _most_passes(records: Sequence[Record]) -> float:
    return float(max(record["passes"] for record in records))


def bytes_a_pass(records: Sequence[Record]) -> float:
    """Per run first, then over runs, as the study took it."""
    return float(mean(record["read_bytes"] / record["passes"] for record in records))


def load_act_ratio(records: Sequence[Record]) -> float:
    """Return the ratio of sums, as in the study; a run that did nothing at all counts as one act."""
    return sum(_calls(record, LOADS) for record in records) / max(sum(_calls(record, ACTS) for record in records), 1)


def _least_ratio(records: Sequence[Record]) -> float:
    return min(load_act_ratio([record]) for record in records)


def _most_ratio(records: Sequence[Record]) -> float:
    return max(load_act_ratio([record]) for record in records)


def _calls(record: Record, names: Sequence[str]) -> int:
    return sum(int(record["tool_counts"].get(name, 0)) for name in names)
