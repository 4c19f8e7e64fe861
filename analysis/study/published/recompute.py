"""Every printed comparison, computed again from its counts."""

from dataclasses import dataclass

from analysis.stats.arms import Interval, TwoArms
from analysis.stats.conditional import fisher
from analysis.stats.difference import miettinen_nurminen
from analysis.stats.unconditional import boschloo
from analysis.study.published.ledger import PublishedResults, PublishedTest, agrees
from harness.exact_test import smallest_p

ALPHA = 0.05


@dataclass(frozen=True)
class RecomputedTest:
    """A printed comparison beside what its counts give."""

    test: PublishedTest
    arms: TwoArms
    """The arm tried as B, what it was held against as A."""
    two_sided: float
    one_sided: float
    boschloo: float | None
    interval: Interval
    smallest_p: float

    @property
    def side(self) -> str:
        """Return the kind of value printed: one-sided, two-sided, either, neither, or none at all."""
        printed = self.test.p_printed
        if printed is None:
            return "none"
        text = self.test.row["p_printed"]
        one, two = agrees(printed, self.one_sided, text), agrees(printed, self.two_sided, text)
        return "either" if one and two else "one-sided" if one else "two-sided" if two else "neither"


def recompute(published: PublishedResults) -> list[RecomputedTest]:
    """All comparisons, in the order printed."""
    recomputed = []
    for test in published.tests:
        arms = TwoArms(test.k_b, test.n_b, test.k_a, test.n_a)
        p = fisher(arms)
        least = smallest_p([(arms.n_a, arms.n_b)])
        bounds = miettinen_nurminen([arms])
        recomputed.append(RecomputedTest(test, arms, p.two_sided, p.greater, boschloo(arms), bounds, least))
    return recomputed
