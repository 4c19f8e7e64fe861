"""An e-process for two streams of completions: anytime-valid evidence, valid at every look.

Each block adds one run of the baseline and one of the arm. For rates a and b of the two, and m halfway between them,
the likelihood under a and b over that under m and m has an expectation of at most 1 whenever the true rates are equal
(Turner, Ly and Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for optional stopping",
2024, theorem 1, for blocks of one and one). So has the mean of such products over many pairs of rates. The chance that
it ever reaches 1/alpha is then at most alpha, at any number of looks (Ville's inequality).
"""

import math
from collections.abc import Sequence
from functools import cache

from sweeps.schema import Side

Pair = tuple[bool, bool]
"""Completion of the run of the baseline, and of the run of the arm."""

RATES = [(2 * step + 1) / 20 for step in range(10)]
"""Rates of the mixture, 0.05 to 0.95, equally weighted."""


class EProcess:
    """The e-process of one stratum. E-processes of several strata multiply."""

    def __init__(self, side: Side) -> None:
        self._factors = _factors(side)
        # Logarithms throughout, since the products of a thousand blocks leave the range of numbers.
        self._logs = [-math.log(len(self._factors))] * len(self._factors)

    @property
    def value(self) -> float:
        """The e-value against equal rates so far; 1 at the beginning."""
        return _sum(self._logs)

    def take(self, pair: Pair) -> None:
        """Update with one block, in the order in which blocks were completed."""
        self._logs = self._after(pair, 1)

    def best(self, blocks: int) -> float:
        """Return the largest e-value that is possible now or after so many further blocks.

        Each product is exponential in the number of blocks of each kind, their mean convex: the most lies in a
        corner, where all further blocks are alike.
        """
        return max(_sum(self._after(pair, times)) for pair in _KINDS for times in (0, blocks))

    def _after(self, pair: Pair, times: int) -> list[float]:
        return [log + times * factors[pair] for log, factors in zip(self._logs, self._factors, strict=True)]


_KINDS: Sequence[Pair] = [(False, False), (False, True), (True, False), (True, True)]


@cache
def _factors(side: Side) -> list[dict[Pair, float]]:
    """Return the log factor of each kind of block, for each pair of rates in the tested direction."""
    signs = {Side.two: (1, -1), Side.greater: (1,), Side.less: (-1,)}[side]
    pairs = [(a, b) for a in RATES for b in RATES if (b > a) - (b < a) in signs]
    return [{pair: math.log(_factor(pair, a, b)) for pair in _KINDS} for a, b in pairs]


def _factor(pair: Pair, a: float, b: float) -> float:
    half = (a + b) / 2
    return math.prod(_likelihood(done, rate) / _likelihood(done, half) for done, rate in zip(pair, (a, b), strict=True))


def _sum(logs: Sequence[float]) -> float:
    """Sum numbers given by their logarithms; capped at about 1e300."""
    most = max(logs)
    return math.exp(min(690.0, most + math.log(math.fsum(math.exp(log - most) for log in logs))))


def _likelihood(completed: bool, rate: float) -> float:
    return rate if completed else 1 - rate
