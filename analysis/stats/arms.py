"""Two arms of a contrast, as counts."""

from typing import NamedTuple

CONFIDENCE = 0.95
"""Default confidence of every interval."""


class Interval(NamedTuple):
    """A lower and an upper bound, both included."""

    low: float
    high: float


class TwoArms(NamedTuple):
    """Completions out of runs: of the baseline A, and of B."""

    k_a: int
    n_a: int
    k_b: int
    n_b: int

    @property
    def total(self) -> int:
        return self.n_a + self.n_b

    @property
    def completed(self) -> int:
        return self.k_a + self.k_b

    @property
    def difference(self) -> float:
        """Completion rate of B less that of A, in [-1, 1]."""
        return self.k_b / self.n_b - self.k_a / self.n_a

    def swapped(self) -> "TwoArms":
        """The same arms with their roles exchanged."""
        return TwoArms(self.k_b, self.n_b, self.k_a, self.n_a)


def checked(arms: TwoArms) -> TwoArms:
    """The arms themselves; raises ValueError unless 0 ≤ k ≤ n and n ≥ 1 in both."""
    if not (0 <= arms.k_a <= arms.n_a and 0 <= arms.k_b <= arms.n_b and arms.n_a >= 1 and arms.n_b >= 1):
        raise ValueError(f"{arms}: completions must lie between 0 and the number of runs, which is at least 1")
    return arms
