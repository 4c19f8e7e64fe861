"""Coverage of the intervals of threshold searches, by the true curve: simulated, from a declared seed.

Used by `adaptive.py`, which prints the tables and writes them into docs/sweeps.md.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from random import Random
from statistics import mean

import numpy as np
from rich.table import Table

from sweeps.strategies.posterior import Counts, ThresholdPosterior

ALPHA = 0.05
LIMITS = list(range(7000, 20000, 1000))
FLOORS = (8500, 11500, 15500)
"""True floors, between the limits."""
BUDGETS = (15, 30)
WIDTH = 2000
"""Width in tokens at which a search may stop early."""


@dataclass(frozen=True)
class TrueCurve:
    """A completion rate as a function of the limit; a slope of infinity is a step at the floor."""

    slope: float
    lower: float = 0.0
    upper: float = 1.0

    @property
    def name(self) -> str:
        return f"step {self.lower:g} → {self.upper:g}" if math.isinf(self.slope) else f"slope {self.slope:g}"

    def rate(self, limit: int, floor: float) -> float:
        if math.isinf(self.slope):
            return self.upper if limit > floor else self.lower
        return 1 / (1 + math.exp(-self.slope * math.log(limit / floor)))


TRUTHS = [TrueCurve(slope) for slope in (1.5, 3, 6, 12, 24, 48, 96)] + [
    TrueCurve(math.inf, *rates) for rates in ((0.1, 0.9), (0.3, 0.6), (0.0, 0.6), (0.4, 1.0))
]
"""Every true curve is tried at every true floor; slopes are in logarithms of the limit."""


@dataclass(frozen=True)
class FloorEstimate:
    """One simulated search or ladder."""

    covers: bool
    """Whether its interval holds the true floor."""
    width: float
    """Width of the part of the interval that lies within the limits, in tokens."""
    error: float
    """Distance of its middle from the true floor, in tokens."""
    runs: int
    narrow: bool
    """Whether the search may end by its width."""


Estimates = dict[str, list[FloorEstimate]]
"""Estimates by how they were made: searches and ladders of each size, and searches that may stop early."""

EARLY = f"search of at most {max(BUDGETS)}, stopped at {WIDTH:,} tokens"


def floors(searches: int, seed: int) -> dict[TrueCurve, Estimates]:
    """Simulate searches, and ladders of as many runs that are spread evenly, at every true curve and floor."""
    curves = ArrayPosterior(LIMITS)
    next_limit = RememberedChoice(curves)
    most = max(BUDGETS)
    estimates: dict[TrueCurve, Estimates] = {}
    for truth, floor in product(TRUTHS, FLOORS):
        random = Random(f"{seed} {truth.name} {floor}")
        of = estimates.setdefault(truth, {})
        for _ in range(searches):
            search = list(observed(truth, floor, random, most, next_limit))
            early = next(
                one for runs, counts in enumerate(search, 1) if ends(one := estimate(curves, counts, floor), runs)
            )
            for budget in BUDGETS:
                *_, ladder = observed(truth, floor, random, budget, ladder_choice(budget))
                of.setdefault(f"search of {budget}", []).append(estimate(curves, search[budget - 1], floor))
                of.setdefault(f"ladder of {budget}", []).append(estimate(curves, ladder, floor))
            of.setdefault(EARLY, []).append(early)
    return estimates


def coverage_lines(estimates: Mapping[TrueCurve, Estimates], searches: int, seed: int) -> Iterator[str]:
    """The short tables of the documentation: coverage by true curve, then widths and errors."""
    each = f"{searches} simulated searches at each of {len(FLOORS)} true floors, seed {seed}"
    yield f"Coverage of the 95% interval, {each}:"
    yield ""
    names = list(next(iter(estimates.values())))
    yield f"| true curve | {' | '.join(names)} | runs then | stopped by width, and covers | stopped so and missed |"
    yield "|---|" + "---:|" * (len(names) + 3)
    for truth, of in estimates.items():
        covers = (f"{mean(one.covers for one in some):.3f}" for some in of.values())
        yield f"| {truth.name} | {' | '.join(covers)} | {' | '.join(stopped(of[EARLY]))} |"
    yield ""
    yield "| true curve | how | width within the limits, tokens | error of its middle |"
    yield "|---|---|---:|---:|"
    for truth, of in estimates.items():
        for name in names[-3:-1]:
            width, error = (mean(values) for values in zip(*((one.width, one.error) for one in of[name]), strict=True))
            yield f"| {truth.name} | {name} | {width:,.0f} | {error:,.0f} |"


def floors_table(estimates: Mapping[TrueCurve, Estimates], searches: int, seed: int) -> Table:
    """One row for each true curve and way to estimate the floor."""
    title = f"floor among {LIMITS[0]}–{LIMITS[-1]}, 95% intervals; {searches} searches a floor, seed {seed}"
    table = Table(title=title)
    for column in ("true curve", "how", "covers", "width", "error", "runs", "narrow"):
        table.add_column(column, justify="right")
    for truth, of in estimates.items():
        for name, some in of.items():
            means = [mean(getattr(one, key) for one in some) for key in ("covers", "width", "error", "runs", "narrow")]
            covers, width, error, runs, narrow = means
            cells = f"{covers:.3f}", f"{width:,.0f}", f"{error:,.0f}", f"{runs:.1f}", f"{narrow:.2f}"
            table.add_row(truth.name, name, *cells, end_section=name == EARLY)
    return table


class ArrayPosterior(ThresholdPosterior):
    """The posterior of the sweeper, computed with arrays: some thousand searches take a minute rather than hours."""

    @cached_property
    def _arrays(self) -> dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]]:
        chances = {limit: np.array(rows) for limit, rows in self._chances.items()}
        return {limit: (rows, np.log(rows), np.log1p(-rows)) for limit, rows in chances.items()}

    def weights(self, counts: Counts) -> Sequence[Sequence[float]]:
        logs = sum(
            done * self._arrays[at][1] + (runs - done) * self._arrays[at][2] for at, (runs, done) in counts.items()
        )
        raw = np.exp(logs - np.max(logs))
        return raw / raw.sum()  # type: ignore[no-any-return]

    def _masses(self, weights: Sequence[Sequence[float]]) -> list[float]:
        return np.sum(weights, axis=1).tolist()  # type: ignore[no-any-return]

    def _joint(self, weights: Sequence[Sequence[float]], limit: int) -> list[float]:
        return (weights * self._arrays[limit][0]).sum(axis=1).tolist()  # type: ignore[no-any-return]


class RememberedChoice:
    """The next limit, remembered: many searches begin alike."""

    def __init__(self, curves: ThresholdPosterior) -> None:
        self._curves = curves
        self._known: dict[tuple[tuple[int, tuple[int, int]], ...], int] = {}

    def __call__(self, counts: Counts) -> int:
        key = tuple(sorted(counts.items()))
        if key not in self._known:
            self._known[key] = self._curves.next(counts)
        return self._known[key]


def ladder_choice(budget: int) -> Callable[[Counts], int]:
    """Return a ladder of so many runs: each limit as often as any other, what is left over spread evenly."""
    rungs = LIMITS * (budget // len(LIMITS))
    left = budget - len(rungs)
    rungs += [LIMITS[place * len(LIMITS) // left] for place in range(left)]
    return lambda counts: rungs[sum(runs for runs, _ in counts.values())]


def observed(
    truth: TrueCurve, floor: float, random: Random, budget: int, choose: Callable[[Counts], int]
) -> Iterator[Counts]:
    """Yield the counts after each of so many runs."""
    counts = dict.fromkeys(LIMITS, (0, 0))
    for _ in range(budget):
        limit = choose(counts)
        completed = random.random() < truth.rate(limit, floor)
        counts = counts | {limit: (counts[limit][0] + 1, counts[limit][1] + completed)}
        yield counts


def estimate(curves: ThresholdPosterior, counts: Counts, floor: float) -> FloorEstimate:
    interval = curves.interval(counts, 1 - ALPHA)
    low, high = (min(max(bound, LIMITS[0]), LIMITS[-1]) for bound in (interval.low, interval.high))
    return FloorEstimate(
        covers=interval.low <= floor <= interval.high,
        width=high - low,
        error=abs(interval.middle - floor),
        runs=sum(runs for runs, _ in counts.values()),
        narrow=curves.width(counts, 1 - ALPHA) <= WIDTH,
    )


def ends(one: FloorEstimate, runs: int) -> bool:
    return one.narrow or runs == max(BUDGETS)


def stopped(some: Sequence[FloorEstimate]) -> Iterator[str]:
    """Yield the mean number of runs, how many searches that stopped by width cover, and the share that did not."""
    narrow = [one.covers for one in some if one.narrow]
    yield f"{mean(one.runs for one in some):.1f}"
    yield f"{sum(narrow)} of {len(narrow)}"
    yield f"{(len(narrow) - sum(narrow)) / len(some):.3f}"
