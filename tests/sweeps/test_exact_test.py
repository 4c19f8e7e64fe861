"""What a design can show is told exactly, and is what the analysis will find."""

from itertools import product
from math import comb, prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import ConditionalDistribution
from analysis.stats.design import Design
from harness.exact_test import smallest_p
from sweeps.plan.power import power
from sweeps.schema import Side

SIZES = st.tuples(st.integers(1, 9), st.integers(1, 9))
RATES = st.tuples(st.floats(0, 1), st.floats(0, 1))


@settings(max_examples=40, deadline=None)
@given(size=SIZES, rates=RATES, alpha=st.sampled_from([0.01, 0.05, 0.2]))
def test_the_power_of_one_stratum_is_that_of_the_analysis(
    size: tuple[int, int], rates: tuple[float, float], alpha: float
) -> None:
    """The two are computed in different ways, and agree."""
    assert Design(*size, alpha).power(*rates) == pytest.approx(power([size], rates, alpha, Side.two), abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=2, max_size=2), rates=RATES)
@pytest.mark.parametrize("side", [Side.two, Side.greater])
def test_the_power_of_several_strata_is_that_of_the_pooled_test(
    sizes: list[tuple[int, int]], rates: tuple[float, float], side: Side
) -> None:
    """Summed over every table that there can be, each tested as the analysis does."""
    expected = 0.0
    arms = [n for size in sizes for n in size]
    for counts in product(*(range(n + 1) for n in arms)):
        (k_a, k_b, k_c, k_d), (a, b, c, d) = counts, arms
        p = ConditionalDistribution.of([TwoArms(k_a, a, k_b, b), TwoArms(k_c, c, k_d, d)]).p_values()
        if (p.two_sided if side is Side.two else p.greater) <= 0.2 * (1 + 1e-7):
            expected += prod(_binomial(n, k, rate) for n, k, rate in zip(arms, counts, rates * 2, strict=True))
    assert expected == pytest.approx(power(sizes, rates, 0.2, side), abs=1e-9)


def _binomial(n: int, k: int, rate: float) -> float:
    return comb(n, k) * rate**k * (1 - rate) ** (n - k)


@pytest.mark.parametrize(
    ("strata", "side", "p"),
    [
        ([(6, 6)], Side.two, 2 / 924),
        ([(6, 6)], Side.greater, 1 / 924),
        ([(2, 3)], Side.two, 1 / 10),
        ([(1, 1)] * 3, Side.two, 2 / 8),
        ([(1, 1), (2, 2)], Side.less, 1 / 12),
    ],
)
def test_the_smallest_p_counts_the_extremes(strata: list[tuple[int, int]], side: Side, p: float) -> None:
    """One way out of all, or two where both extremes are equally likely and both are counted."""
    assert p == pytest.approx(smallest_p(strata, two_sided=side is Side.two))


def test_less_is_greater_the_other_way_round() -> None:
    """The arms are told apart by their names alone."""
    strata, mirrored = [(3, 5), (4, 2)], [(5, 3), (2, 4)]
    assert power(strata, (0.7, 0.2), 0.1, Side.less) == pytest.approx(power(mirrored, (0.2, 0.7), 0.1, Side.greater))


def test_what_would_take_for_ever_is_not_told() -> None:
    """A design of thousands of runs is not enumerated; its smallest p is still a number."""
    assert None is power([(5000, 5000)], (0.1, 0.9), 0.05, Side.two)
    assert 0.0 == smallest_p([(5000, 5000)])
