"""Posterior distribution of the threshold: the limit at which half of the runs complete.

The chance to complete is a logistic curve in the logarithm of the limit. Its threshold, its slope and both of its
asymptotes are unknown; all combinations on a grid are weighed by what was seen. The limit that is tried next is the one
whose outcome is expected to tell most about the threshold: the psi method (Kontsevich and Tyler, Vision Research 39,
1999), slope and asymptotes marginalised (Prins, Journal of Vision 13, 2013), as in QUEST (Watson and Pelli, Perception
& Psychophysics 33, 1983) before it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from operator import mul

FLOORS = 121
"""Number of thresholds in the grid, in equal steps of the logarithm."""

SLOPES = [1.5 * 2**step for step in range(7)]
"""Slopes in the grid, 1.5 to 96: from .1 to .9 over a factor of 19 in the limit, to over 5% of it."""

ASYMPTOTES = [0.02, 0.2, 0.4]
"""Distances of the lower asymptote from 0, and of the upper one from 1, in the grid. Far below the threshold some runs
may complete, and far above it some may fail; and one odd run rules nothing out."""

STRICTER = 10
"""Factor by which alpha is divided where a width ends a search. At alpha itself, a search of a flat curve stops just
when its outcomes happen to look steep, and then covers too seldom (docs/sweeps.md)."""

Counts = Mapping[int, tuple[int, int]]
"""Results and completions at each limit."""


@dataclass(frozen=True)
class ThresholdInterval:
    """The median of the threshold and its credible interval, in tokens."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class CompletionCurve:
    """The completion rate as a function of the limit, whose threshold is the point where it is one half."""

    slope: float
    lower: float
    """Rate far below the threshold, under one half."""
    lapses: float
    """1 less the rate far above the threshold, under one half."""

    def rate(self, distance: float) -> float:
        """Return the completion rate at a log distance above the threshold."""
        # Limits that are far apart would overflow.
        odds = (0.5 - self.lapses) / (0.5 - self.lower) * math.exp(min(-self.slope * distance, 700))
        return self.lower + (1 - self.lower - self.lapses) / (1 + odds)


CURVES = [CompletionCurve(*shape) for shape in product(SLOPES, ASYMPTOTES, ASYMPTOTES)]


class ThresholdPosterior:
    """The posterior over thresholds and curves on a grid, with a uniform prior."""

    def __init__(self, limits: Sequence[int]) -> None:
        self.limits = sorted(limits)
        low, high = math.log(self.limits[0]), math.log(self.limits[-1])
        # The floor may lie beyond the grid: half as far again on either side stands for that.
        margin = (high - low) / 2
        self._step = (high - low + 2 * margin) / (FLOORS - 1)
        self._floors = [low - margin + self._step * place for place in range(FLOORS)]

    @cached_property
    def _chances(self) -> dict[int, list[list[float]]]:
        """The completion rate at each limit: a list for each threshold, an entry for each curve."""
        return {
            limit: [[curve.rate(math.log(limit) - floor) for curve in CURVES] for floor in self._floors]
            for limit in self.limits
        }

    @cached_property
    def _logs(self) -> dict[int, tuple[list[list[float]], list[list[float]]]]:
        """Logarithms of the rate and of its complement at each limit, laid out alike."""
        return {
            limit: (
                [[math.log(chance) for chance in row] for row in rows],
                [[math.log1p(-chance) for chance in row] for row in rows],
            )
            for limit, rows in self._chances.items()
        }

    def weights(self, counts: Counts) -> Sequence[Sequence[float]]:
        """Return the posterior weights, which sum to 1: a list for each threshold, an entry for each curve."""
        logs = [[0.0] * len(CURVES) for _ in self._floors]
        for limit, (runs, completed) in counts.items():
            for times, rows in zip((completed, runs - completed), self._logs[limit], strict=True):
                if times:
                    logs = [
                        [a + times * b for a, b in zip(*both, strict=True)] for both in zip(logs, rows, strict=True)
                    ]
        most = max(map(max, logs))
        raw = [[math.exp(log - most) for log in row] for row in logs]
        whole = math.fsum(map(sum, raw))
        return [[weight / whole for weight in row] for row in raw]

    def interval(self, counts: Counts, level: float) -> ThresholdInterval:
        """Return the median and the equal-tailed credible interval at a `level`."""
        masses = self._masses(self.weights(counts))
        low, middle, high = (self._quantile(masses, at) for at in ((1 - level) / 2, 0.5, (1 + level) / 2))
        return ThresholdInterval(low, middle, high)

    def width(self, counts: Counts, level: float) -> float:
        """Return the width by which a search may end, in tokens: that of the interval at a stricter level."""
        strict = self.interval(counts, stricter(level))
        return strict.high - strict.low

    def next(self, counts: Counts) -> int:
        """Return the limit with the largest expected information; the lowest of equals."""
        weights = self.weights(counts)
        return max(self.limits, key=lambda limit: (self._expected_information(weights, limit), -limit))

    def _expected_information(self, weights: Sequence[Sequence[float]], limit: int) -> float:
        """Return the expected information of one run at a limit about the threshold, in nats."""
        masses, joint = self._masses(weights), self._joint(weights, limit)
        noise = math.fsum(mass * _entropy(yes / mass) for mass, yes in zip(masses, joint, strict=True) if mass > 0)
        # Rounded, so that what differs in the last bits alone counts as equal.
        return round(_entropy(math.fsum(joint)) - noise, 12)

    def _masses(self, weights: Sequence[Sequence[float]]) -> list[float]:
        """Return the weight of each threshold."""
        return [sum(row) for row in weights]

    def _joint(self, weights: Sequence[Sequence[float]], limit: int) -> list[float]:
        """Return the probability of each threshold together with a completion at a limit."""
        return [sum(map(mul, row, chances)) for row, chances in zip(weights, self._chances[limit], strict=True)]

    def _quantile(self, masses: Sequence[float], at: float) -> float:
        """Return a quantile of the threshold. The mass of a grid point is spread evenly over its step."""
        below = 0.0
        for floor, mass in zip(self._floors, masses, strict=True):
            if below + mass >= at and mass > 0:
                return math.exp(floor + ((at - below) / mass - 0.5) * self._step)
            below += mass
        return math.exp(self._floors[-1] + self._step / 2)

    def expected(self, counts: Counts) -> Iterator[tuple[int, float]]:
        """Yield each limit with the predictive completion rate there."""
        weights = self.weights(counts)
        for limit in self.limits:
            yield limit, math.fsum(self._joint(weights, limit))


def stricter(level: float) -> float:
    """Return the level at which widths are judged."""
    return 1 - (1 - level) / STRICTER


def _entropy(chance: float) -> float:
    return -sum(part * math.log(part) for part in (chance, 1 - chance) if part > 0)
