"""Proper scores of expected completions: the logarithm of the chance that was given to what was published.

Such a score is best in expectation for whoever gives the true chances, so no wide interval can hide behind it. Zero is
the best possible, and scores of arms add up. Two references know nothing: a coin, and all counts equally likely.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb, exp, log, sqrt

from analysis.study.calibration import predict
from analysis.study.calibration.arms import CalibrationArm, SweepSetting, calibration_arms
from analysis.study.calibration.compare import ArmComparison


def coin(completed: int, runs: int) -> float:
    """Log score, in nats, of the expectation that every run completes with a chance of one half."""
    return log(comb(runs, completed)) - runs * log(2)


def even(runs: int) -> float:
    """Log score, in nats, of the expectation that every count from 0 to all runs is equally likely."""
    return -log(runs + 1)


@dataclass(frozen=True)
class Scored:
    """One arm with the completions and runs of its simulation; scores are in nats."""

    target: CalibrationArm
    simulated: tuple[int, int]

    @property
    def published(self) -> tuple[int, int]:
        """Completions and runs, as printed."""
        return self.target.arm.completed or 0, self.target.arm.n or 0

    @cached_property
    def score(self) -> float:
        """Return the score of the simulated subject: beta-binomial from its runs, like the expected interval."""
        return predict.log_chance(*self.simulated, *self.published)

    @property
    def coin(self) -> float:
        return coin(*self.published)

    @property
    def even(self) -> float:
        return even(self.published[1])

    @property
    def cost(self) -> float:
        """Return how far the score lies below the better reference; negative where it is above both."""
        return max(self.coin, self.even) - self.score

    @cached_property
    def held(self) -> range:
        """The counts that the expected interval holds."""
        expected = predict.completions(*self.simulated, self.published[1])
        return range(int(expected.low), int(expected.high) + 1)

    @property
    def inside(self) -> bool:
        return self.published[0] in self.held

    @property
    def coin_inside(self) -> float:
        """Chance that a coin's count lies in the expected interval."""
        return sum(exp(coin(count, self.published[1])) for count in self.held)

    @property
    def even_inside(self) -> float:
        """The same chance where all counts are equally likely, which is the width of the interval as a share."""
        return len(self.held) / (self.published[1] + 1)


@dataclass(frozen=True)
class Total:
    """Sums over arms, as if they were independent."""

    arms: int
    score: float
    coin: float
    even: float
    inside: int
    coin_inside: float
    even_inside: float

    spread: float
    """Standard deviation of the score that other seeds of the simulated runs alone would cause."""

    @property
    def beaten(self) -> str:
        """Return the references that score lower than the subject."""
        references = (("a coin", self.coin), ("all counts equally likely", self.even))
        return " and ".join(name for name, other in references if self.score > other) or "neither"


def scored(compared: Sequence[ArmComparison]) -> list[Scored]:
    """Every arm that has enough simulated runs."""
    return [Scored(one.target, one.simulated) for one in compared if one.enough]


def scored_counts(counts: Mapping[str, Sequence[int]]) -> list[Scored]:
    """The arms whose simulated completions and runs were written down, by the arm's id."""
    return [
        Scored(one, (counts[one.arm.id][0], counts[one.arm.id][1]))
        for one in calibration_arms()
        if one.arm.id in counts
    ]


def predicted(arms: Sequence[Scored]) -> list[Scored]:
    return [one for one in arms if not one.target.fitted]


def _spread(arms: Sequence[Scored]) -> float:
    """Arms with one setting share their runs: their scores move together, and are added up before they are squared."""
    by_setting: dict[SweepSetting, list[Scored]] = {}
    for one in arms:
        by_setting.setdefault(one.target.setting, []).append(one)
    return sqrt(sum(_variance(some) for some in by_setting.values()))


def _variance(arms: Sequence[Scored]) -> float:
    """Variance of the summed scores of arms with one setting, if its runs were drawn anew at the rate that they had."""
    k, n = arms[0].simulated
    rate = (k + 0.5) / (n + 1)
    chances = [comb(n, i) * rate**i * (1 - rate) ** (n - i) for i in range(n + 1)]
    scores = [sum(predict.log_chance(i, n, *one.published) for one in arms) for i in range(n + 1)]
    mean: float = sum(chance * score for chance, score in zip(chances, scores, strict=True))
    return float(sum(chance * (score - mean) ** 2 for chance, score in zip(chances, scores, strict=True)))


def total(arms: Sequence[Scored]) -> Total:
    """Add up the scores, and the chances to lie inside."""
    return Total(
        arms=len(arms),
        score=sum(one.score for one in arms),
        coin=sum(one.coin for one in arms),
        even=sum(one.even for one in arms),
        inside=sum(one.inside for one in arms),
        coin_inside=sum(one.coin_inside for one in arms),
        even_inside=sum(one.even_inside for one in arms),
        spread=_spread(arms),
    )
