"""Posterior distribution of the threshold: the limit at which half of the runs complete.

The chance to complete is a logistic curve in the logarithm of the limit, with a floor (its middle) and a slope that
are both unknown; all pairs on a grid are weighed by what was seen. The limit that is tried next is the one whose
outcome is expected to tell most about the floor: the psi method (Kontsevich and Tyler, Vision Research 39, 1999), the
slope marginalised (Prins, Journal of Vision 13, 2013), as in QUEST (Watson and Pelli, Perception & Psychophysics 33,
1983) before it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul

FLOORS = 121
"""Number of thresholds in the grid, in equal steps of the logarithm."""

SLOPES = [3 * 2 ** (step / 2) for step in range(11)]
"""Slopes in the grid, 3 to 96: from .1 to .9 over a factor of 4 in the limit, to over 5% of it."""

LAPSE = 0.02
"""Lapse rate: the chance of an outcome that is unrelated to the limit, so that one odd run rules nothing out."""

Counts = Mapping[int, tuple[int, int]]
"""Results and completions at each limit."""


@dataclass(frozen=True)
class ThresholdInterval:
    """The median of the threshold and its credible interval, in tokens."""

    low: float
    middle: float
    high: float


class ThresholdPosterior:
    """The posterior over thresholds and slopes on a grid, with a uniform prior."""

    def __init__(self, limits: Sequence[int]) -> None:
        self.limits = sorted(limits)
        low, high = math.log(self.limits[0]), math.log(self.limits[-1])
        # The floor may lie beyond the grid: half as far again on either side stands for that.
        margin = (high - low) / 2
        self._step = (high - low + 2 * margin) / (FLOORS - 1)
        self._floors = [low - margin + self._step * place for place in range(FLOORS)]

    @cached_property
    def _chances(self) -> dict[int, list[list[float]]]:
        """The completion rate at each limit: a list for each threshold, an entry for each slope."""
        return {
            limit: [[_chance(math.log(limit) - floor, slope) for slope in SLOPES] for floor in self._floors]
            for limit in self.limits
        }

    @cached_property
    def _logs(self) -> dict[int, list[list[tuple[float, float]]]]:
        return {
            limit: [[(math.log(chance), math.log1p(-chance)) for chance in row] for row in rows]
            for limit, rows in self._chances.items()
        }

    def weights(self, counts: Counts) -> list[list[float]]:
        """Return the posterior weights, which sum to 1: a list for each threshold, an entry for each slope."""
        logs = [[0.0] * len(SLOPES) for _ in self._floors]
        for limit, (runs, completed) in counts.items():
            if runs:
                failed = runs - completed
                for place, chances in enumerate(self._logs[limit]):
                    rows = zip(logs[place], chances, strict=True)
                    logs[place] = [log + completed * yes + failed * no for log, (yes, no) in rows]
        most = max(max(row) for row in logs)
        raw = [[math.exp(log - most) for log in row] for row in logs]
        whole = math.fsum(sum(row) for row in raw)
        return [[weight / whole for weight in row] for row in raw]

    def interval(self, counts: Counts, level: float) -> ThresholdInterval:
        """Return the median and the equal-tailed credible interval at a `level`."""
        masses = [sum(row) for row in self.weights(counts)]
        low, middle, high = (self._quantile(masses, at) for at in ((1 - level) / 2, 0.5, (1 + level) / 2))
        return ThresholdInterval(low, middle, high)

    def next(self, counts: Counts) -> int:
        """Return the limit with the largest expected information; the lowest of equals."""
        weights = self.weights(counts)
        return max(self.limits, key=lambda limit: (self._expected_information(weights, limit), -limit))

    def _expected_information(self, weights: Sequence[Sequence[float]], limit: int) -> float:
        """Return the expected information of one run at a limit about the threshold, in nats."""
        masses = [sum(row) for row in weights]
        joint = [sum(map(mul, row, chances)) for row, chances in zip(weights, self._chances[limit], strict=True)]
        noise = math.fsum(mass * _entropy(yes / mass) for mass, yes in zip(masses, joint, strict=True) if mass > 0)
        # Rounded, so that what differs in the last bits alone counts as equal.
        return round(_entropy(math.fsum(joint)) - noise, 12)

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
            rows = zip(weights, self._chances[limit], strict=True)
            yield limit, math.fsum(sum(map(mul, row, chances)) for row, chances in rows)


def _chance(distance: float, slope: float) -> float:
    """Return the completion rate at a log distance above the threshold."""
    return LAPSE + (1 - 2 * LAPSE) / (1 + math.exp(-slope * distance))


def _entropy(chance: float) -> float:
    return -sum(part * math.log(part) for part in (chance, 1 - chance) if part > 0)
