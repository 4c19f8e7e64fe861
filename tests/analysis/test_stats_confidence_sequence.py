"""Confidence sequences, against the e-process of the sweeps, the inequality that they rest on, and simulation."""

import math

import numpy as np
import pytest

from analysis.stats.arms import TwoArms
from analysis.stats.confidence_sequence import RATES, confidence_sequence, log_e_value, nearest_rates
from sweeps.schema import Side
from sweeps.strategies import e_process
from sweeps.strategies.e_process import EProcess


@pytest.mark.parametrize("side", list(Side))
def test_at_a_difference_of_zero_it_is_the_e_process_of_the_sweep(side: Side) -> None:
    """The same value, so that 0 is outside just where the sweep rejects."""
    assert e_process.RATES == RATES
    rng = np.random.default_rng(1)
    for rates in ([0.1, 0.9], [0.4, 0.5], [0.8, 0.1]):
        process = EProcess(side)
        runs = rng.random((25, 2)) < rates
        for a, b in runs:
            process.take((bool(a), bool(b)))
        arms = TwoArms(int(runs[:, 0].sum()), 25, int(runs[:, 1].sum()), 25)
        looked_at = arms.swapped() if side is Side.less else arms
        value = log_e_value([looked_at], 0.0, "two" if side is Side.two else "greater")
        assert math.log(process.value) == pytest.approx(value)
        low, high = confidence_sequence([arms], side.value)
        assert (process.value >= 20) == (not low <= 0 <= high)


@pytest.mark.parametrize("side", ["two", "greater"])
def test_every_factor_has_an_expectation_of_at_most_one(side: str) -> None:
    """Under any rates with the tested difference (side greater: at most it), one block multiplies the e-value by at
    most 1 in expectation: the whole of what Ville's inequality asks for."""
    for difference in np.arange(-0.9, 0.91, 0.15):
        blocks = {
            (a, b): math.exp(log_e_value([TwoArms(a, 1, b, 1)], float(difference), side))
            for a in (0, 1)
            for b in (0, 1)
        }
        gaps = [difference] if side == "two" else [difference, difference - 0.1, difference - 0.5]
        for gap in gaps:
            for rate in np.linspace(max(0.0, -gap), min(1.0, 1 - gap), 21):
                other = rate + gap
                if not 0 <= other <= 1:
                    continue
                mean = sum(
                    value * (rate if a else 1 - rate) * (other if b else 1 - other) for (a, b), value in blocks.items()
                )
                assert mean <= 1 + 1e-9


def test_the_nearest_rates_are_nearest() -> None:
    """No rates on a fine grid with this difference diverge less."""

    def divergence(p: float, q: float) -> float:
        return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))

    for a, b, difference in ((0.2, 0.7, 0.0), (0.2, 0.7, -0.3), (0.95, 0.05, 0.4), (0.5, 0.6, 0.9)):
        near = nearest_rates(a, b, difference)
        least = divergence(a, near[0]) + divergence(b, near[1])
        for rate in np.linspace(max(0.0, -difference) + 1e-4, min(1.0, 1 - difference) - 1e-4, 500):
            assert least <= divergence(a, rate) + divergence(b, rate + difference) + 1e-9


def test_the_truth_stays_inside_at_every_look() -> None:
    """Of 300 simulated sweeps that are looked at after each of 40 blocks, at most 5%, give or take, ever exclude it."""
    rng = np.random.default_rng(2)
    excluded = 0
    for _ in range(300):
        runs = np.cumsum(rng.random((40, 2)) < [0.3, 0.6], axis=0)
        logs = [log_e_value([TwoArms(int(a), n, int(b), n)], 0.3) for n, (a, b) in enumerate(runs, start=1)]
        excluded += max(logs) >= math.log(20)
    assert excluded / 300 <= 0.05 + 2.5 * math.sqrt(0.05 * 0.95 / 300)


def test_ends_full_cells_and_sides() -> None:
    """Nothing, or everything, completed; one-sided intervals are open; strata add what they know."""
    for arms in (TwoArms(0, 6, 0, 6), TwoArms(6, 6, 6, 6)):
        low, high = confidence_sequence([arms])
        assert -1 < low < 0 < high < 1
    clean = TwoArms(0, 6, 6, 6)
    low, high = confidence_sequence([clean])
    assert (True, 1.0) == (low > 0, high)
    assert 1.0 == confidence_sequence([TwoArms(3, 9, 5, 9)], "greater").high
    assert -1.0 == confidence_sequence([TwoArms(3, 9, 5, 9)], "less").low
    both = confidence_sequence([clean, clean])
    assert both.low > low
    large = confidence_sequence([TwoArms(2000, 10_000, 8000, 10_000)])
    assert large.low < 0.6 < large.high


def test_a_block_that_misses_a_run_is_refused() -> None:
    """The e-process multiplies over whole blocks only."""
    with pytest.raises(ValueError, match="whole blocks"):
        confidence_sequence([TwoArms(1, 3, 2, 4)])
