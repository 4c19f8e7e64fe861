"""Power and sizes of designs, against simulation, enumeration and the planner's own arithmetic."""

import math
from itertools import product

import numpy as np
import pytest

from analysis.stats import design
from analysis.stats.arms import TwoArms
from analysis.stats.conditional import ConditionalDistribution
from analysis.stats.design import Design, balanced_power, runs_needed, stratified_power
from analysis.stats.unconditional import fisher_table
from sweeps.plan.power import power as planned_power
from sweeps.schema import Side


def test_power_equals_simulation() -> None:
    """The share of simulated experiments in which Fisher rejects equals the enumerated power."""
    rng = np.random.default_rng(3)
    table = fisher_table(8, 8)
    expected = float(np.mean(table[rng.binomial(8, 0.2, 100_000), rng.binomial(8, 0.9, 100_000)] <= 0.05))
    assert expected == pytest.approx(Design(8, 8).power(0.2, 0.9), abs=0.006)


def test_the_level_is_kept() -> None:
    """Under equal rates the house test rejects no more often than its level."""
    for rate in np.linspace(0, 1, 51):
        assert Design(6, 9).power(rate, rate) <= 0.05 + 1e-12


def test_the_runs_needed_are_enough_for_every_larger_size() -> None:
    """The power is a sawtooth: the size found has the power asked for, so has every larger one up to the bound, and
    the next smaller one has not. Beyond reach there is none."""
    for rates in ((0.0, 0.6), (0.0, 0.8333), (0.3, 0.7), (1.0, 0.4)):
        needed = runs_needed(*rates, most=60)
        assert needed is not None
        powers = {n: Design(n, n).power(*rates) for n in range(2, 61)}
        assert all(powers[n] >= 0.8 for n in range(needed, 61))
        assert powers[needed - 1] < 0.8
    assert runs_needed(0.5, 0.51, most=50) is None


def test_a_size_whose_successor_has_too_little_power_is_not_advised() -> None:
    """0 against .8333: 5 runs an arm have power .80, 6 have .74, so that 5 is no advice."""
    assert Design(5, 5).power(0.0, 0.8333) >= 0.8 > Design(6, 6).power(0.0, 0.8333)
    assert runs_needed(0.0, 0.8333) == 7


def test_balanced_power_equals_the_table_of_all_values() -> None:
    """Arms of one size take a shorter way to the same power, at the ends of the scale too."""
    for runs, rates in product((2, 3, 7, 20, 55), ((0.0, 1.0), (0.1, 0.6), (0.5, 0.5), (1.0, 0.7))):
        for alpha in (0.05, 0.01):
            assert Design(runs, runs, alpha).power(*rates) == pytest.approx(
                balanced_power(runs, *rates, alpha), abs=1e-9
            )


def test_power_over_strata_equals_the_enumeration_of_the_planning() -> None:
    """The planner enumerates in whole numbers; strata of one stratum are the plain design."""
    for runs, strata, rates in ((3, 2, (0.1, 0.9)), (2, 3, (0.2, 0.8)), (4, 2, (0.0, 1.0))):
        expected = planned_power([(runs, runs)] * strata, rates, 0.05, Side.two)
        found = stratified_power(runs, [rates] * strata)
        assert (pytest.approx(expected, abs=1e-9), 0.0) == (found.power, found.error)
    assert stratified_power(6, [(0.1, 0.9)]).power == pytest.approx(Design(6, 6).power(0.1, 0.9))


def test_power_over_strata_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a sum over all tables; beyond enumeration a share of experiments, within four standard errors of it."""
    rates = [(0.1, 0.7), (0.3, 0.9)]
    exact = stratified_power(4, rates)
    monkeypatch.setattr(design, "MOST_MARGINS", 10)
    found = stratified_power(4, rates)
    chances = [[math.comb(4, k) * p**k * (1 - p) ** (4 - k) for k in range(5)] for pair in rates for p in pair]
    expected = sum(
        math.prod(chances[place][k] for place, k in enumerate(done))
        for done in product(range(5), repeat=4)
        if ConditionalDistribution.of([TwoArms(done[0], 4, done[1], 4), TwoArms(done[2], 4, done[3], 4)])
        .p_values()
        .two_sided
        <= 0.05
    )
    assert (pytest.approx(expected, abs=1e-9), 0.0) == (exact.power, exact.error)
    assert found.error > 0
    assert expected == pytest.approx(found.power, abs=4 * found.error)


def test_detectable_rate_reaches_the_power() -> None:
    """The rate found is reached with 80% power and one a little lower is not; three runs detect nothing."""
    ten = Design(10, 10)
    rate = ten.detectable(0.0)
    assert rate is not None
    assert ten.power(0.0, rate) >= 0.8 > ten.power(0.0, rate - 0.002)
    assert Design(3, 3).detectable(0.0) is None
