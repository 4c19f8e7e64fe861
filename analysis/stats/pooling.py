"""Partial pooling of completion rates over tasks: a Beta-binomial model, integrated by quadrature."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.stats.arms import CONFIDENCE, Interval

Floats = NDArray[np.float64]

POINTS = 64
"""Points of quadrature of each of the two parameters."""

FAR = 16.0
"""Logits beyond which the prior holds nothing that matters."""

NEGLIGIBLE = 22.0
"""Logarithms below the mode at which the posterior is left out."""

Counts = tuple[int, int]
"""Completions and runs."""


@dataclass(frozen=True)
class PooledRate:
    """A rate under the posterior."""

    mean: float
    interval: Interval
    """Equal-tailed."""


@dataclass(frozen=True)
class PartialPooling:
    """Rates of tasks that inform each other, and the mean over the tasks that they stand for."""

    tasks: list[PooledRate]
    """In the order of the counts."""
    overall: PooledRate
    """Mean rate of the population of tasks, not of these tasks alone."""
    correlation: float
    """Posterior mean of the intraclass correlation ρ: 0 if all tasks have one rate, 1 if every task has 0 or 1."""


def partial_pooling(counts: Sequence[Counts], confidence: float = CONFIDENCE) -> PartialPooling:
    """Pool completions of tasks partially.

    The rate of each task comes from a Beta distribution with mean μ and intraclass correlation ρ, so that its two
    parameters are μ(1 − ρ)/ρ and (1 − μ)(1 − ρ)/ρ; μ and ρ have uniform priors on (0, 1). Tasks with few runs are
    drawn towards the common mean, the more so the more alike all tasks are (Gelman and others, Bayesian Data
    Analysis, 2013, chapter 5). Raises ValueError without counts, or for counts that are none.
    """
    if not counts or any(not 0 <= k <= n for k, n in counts):
        raise ValueError(f"{list(counts)}: must be completions out of runs, of one task at least")
    grid = _Posterior.of(counts)
    tail = (1 - confidence) / 2
    tasks = [grid.task(k, n, tail) for k, n in counts]
    overall = PooledRate(float(grid.weights @ grid.mu), grid.mean_interval(tail))
    return PartialPooling(tasks, overall, float(grid.weights @ grid.rho))


@dataclass(frozen=True)
class _Posterior:
    """The posterior of μ and ρ on a grid; all of shape (points,)."""

    mu: Floats
    rho: Floats
    weights: Floats
    """They sum to 1."""

    @classmethod
    def of(cls, counts: Sequence[Counts]) -> "_Posterior":
        """Lay a grid over the logits of both, then twice a finer one over the part that holds the posterior."""
        bounds = [(-FAR, FAR), (-FAR, FAR)]
        for _ in range(3):
            axes = [np.linspace(low, high, POINTS) for low, high in bounds]
            x, y = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
            log = _log_posterior(x, y, counts)
            kept = log > log.max() - NEGLIGIBLE
            steps = [axis[1] - axis[0] for axis in axes]
            bounds = [
                (float(part[kept].min() - step), float(part[kept].max() + step))
                for part, step in zip((x, y), steps, strict=True)
            ]
        weights = np.exp(log[kept] - log.max())
        return cls(_expit(x[kept]), _expit(y[kept]), weights / weights.sum())

    def task(self, k: int, n: int, tail: float) -> PooledRate:
        """The rate of one task: a mixture of Beta distributions."""
        from scipy.special import betainc  # noqa: PLC0415 - half a second that most commands need not pay

        alpha, beta = _shapes(self.mu, self.rho)
        alpha, beta = alpha + k, beta + n - k
        bounds = []
        for level in (tail, 1 - tail):
            low, high = 0.0, 1.0
            for _ in range(30):
                middle = (low + high) / 2
                below = float(self.weights @ betainc(alpha, beta, middle))
                low, high = (middle, high) if below < level else (low, middle)
            bounds.append((low + high) / 2)
        return PooledRate(float(self.weights @ (alpha / (alpha + beta))), Interval(*bounds))

    def mean_interval(self, tail: float) -> Interval:
        """The interval of μ, its posterior interpolated between the points of the grid."""
        means, place = np.unique(self.mu, return_inverse=True)
        mass = np.bincount(place, weights=self.weights)
        # Half of the mass of a point lies below it.
        low, high = np.interp([tail, 1 - tail], np.cumsum(mass) - mass / 2, means)
        return Interval(float(low), float(high))


def _log_posterior(x: Floats, y: Floats, counts: Sequence[Counts]) -> Floats:
    """Unnormalised, in the logits x of μ and y of ρ, whose uniform priors become logistic ones."""
    from scipy.special import betaln  # noqa: PLC0415 - half a second that most commands need not pay

    alpha, beta = _shapes(_expit(x), _expit(y))
    log: Floats = -np.logaddexp(0, x) - np.logaddexp(0, -x) - np.logaddexp(0, y) - np.logaddexp(0, -y)
    none = betaln(alpha, beta)
    for k, n in counts:
        log += betaln(alpha + k, beta + n - k) - none
    return log


def _shapes(mu: Floats, rho: Floats) -> tuple[Floats, Floats]:
    size = (1 - rho) / rho
    return mu * size, (1 - mu) * size


def _expit(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))
