"""Ladders, drift and medians, against enumeration, brute force and simulation."""

import math
from itertools import combinations, permutations, product

import numpy as np
import pytest

from analysis.stats.ordered import LadderRung, drift, floor, isotonic, median, trend, violation


def rungs(*counts: tuple[int, int]) -> list[LadderRung]:
    """A ladder with budgets 1, 2, 3, …"""
    return [LadderRung(level, k, n) for level, (k, n) in enumerate(counts, start=1)]


@pytest.mark.parametrize(
    "counts", [[(3, 6), (5, 6), (1, 4)], [(0, 3), (0, 3)], [(4, 4), (0, 4), (2, 4)], [(1, 2), (2, 2)]]
)
def test_isotonic_rates_are_the_likeliest_that_never_fall(counts: list[tuple[int, int]]) -> None:
    """No rising set of rates on a grid makes the counts likelier."""
    found = isotonic(rungs(*counts))
    assert found == sorted(found)
    grid = np.linspace(0, 1, 61)
    best = max(
        _likelihood(counts, rates) for rates in product(grid, repeat=len(counts)) if list(rates) == sorted(rates)
    )
    assert _likelihood(counts, found) >= best - 1e-12


def test_trend_equals_enumeration() -> None:
    """The value is the share of ways to spread the completions over runs that score as high."""
    counts = [(0, 3), (1, 2), (3, 4)]
    place_of_run = [place for place, (_, n) in enumerate(counts) for _ in range(n)]
    observed = sum(place * k for place, (k, _) in enumerate(counts))
    ways = [sum(place_of_run[run] for run in chosen) for chosen in combinations(range(9), 4)]
    assert np.mean([score >= observed for score in ways]) == pytest.approx(trend(rungs(*counts)))


def test_trend_of_many_runs_is_close_to_the_exact_one() -> None:
    """On either side of the switch to the normal approximation the values agree."""
    exact, normal = trend(rungs((25, 66), (28, 67), (36, 67))), trend(rungs((25, 66), (28, 67), (36, 68)))
    assert exact == pytest.approx(normal, abs=0.02)


def test_nothing_rises_where_nothing_differs() -> None:
    """All or none completed: no trend, no violation."""
    for counts in ([(0, 3), (0, 3)], [(3, 3), (3, 3)]):
        assert (1.0, 1.0) == pytest.approx((trend(rungs(*counts)), violation(rungs(*counts))))


def test_violation_is_small_only_where_a_lower_rung_did_better() -> None:
    """A falling ladder is found, a rising one never is, and the level is kept where the truth is flat."""
    assert violation(rungs((8, 8), (0, 8))) < 0.001
    assert violation(rungs((0, 8), (8, 8))) == pytest.approx(1.0)
    rng = np.random.default_rng(5)
    found = [violation(rungs(*((int(k), 8) for k in rng.binomial(8, 0.5, 3)))) <= 0.05 for _ in range(400)]
    assert np.mean(found) <= 0.05


def test_the_floor_is_where_completion_becomes_likelier_than_not() -> None:
    """Never completing rungs lie below it, always completing ones above; too few runs bound nothing."""
    assert (3, (2, 3)) == floor(rungs((0, 8), (0, 8), (8, 8)))
    assert (None, (2, math.inf)) == floor(rungs((0, 8), (0, 8)))
    assert (1, (0.0, math.inf)) == floor(rungs((1, 1), (1, 1)))


def test_the_floor_is_covered() -> None:
    """Over simulated ladders the true floor lies in the interval in at least 95 of 100."""
    rng = np.random.default_rng(9)
    rates, true_floor = (0.05, 0.3, 0.75, 0.95), 3
    covered = 0
    for _ in range(500):
        _, (low, high) = floor(rungs(*((int(rng.binomial(12, rate)), 12) for rate in rates)))
        covered += low < true_floor <= high
    assert covered >= 475


def test_drift_equals_enumeration_over_orders() -> None:
    """The value is the share of orders of outcomes, within groups, that lie as far from the middle."""
    first, second = [False, False, True, True], [False, True, True]
    mean = sum(sum(order) * (len(order) - 1) / 2 for order in (first, second))
    far = abs(_ranks(first) + _ranks(second) - mean)
    orders = [_ranks(a) + _ranks(b) for a in permutations(first) for b in permutations(second)]
    assert np.mean([abs(ranks - mean) >= far for ranks in orders]) == pytest.approx(drift([first, second]))


def test_drift_of_many_runs_is_close_to_simulation() -> None:
    """Beyond exact laws the normal approximation agrees with shuffling."""
    rng = np.random.default_rng(2)
    order = list(rng.random(400) < np.linspace(0.45, 0.6, 400))
    shuffled = [_ranks(rng.permutation(order)) for _ in range(4000)]
    mean = sum(order) * 399 / 2
    expected = np.mean([abs(ranks - mean) >= abs(_ranks(order) - mean) for ranks in shuffled])
    assert expected == pytest.approx(drift([order]), abs=0.02)


def test_no_drift_can_be_seen_where_all_runs_ended_alike() -> None:
    """Groups of one kind of outcome say nothing."""
    assert drift([[True, True], [False], []]) is None


def test_median_interval_covers() -> None:
    """The interval covers the true median at least 95 times in 100; below six values there is none."""
    rng = np.random.default_rng(4)
    samples = [median(list(rng.normal(size=9))) for _ in range(2000)]
    assert np.mean([bounds is not None and bounds.low <= 0 <= bounds.high for _, bounds in samples]) >= 0.95
    assert (2.5, None) == median([1, 2, 3, 4])
    assert (3, (1, 6)) == (median([1, 2, 3, 3, 5, 6])[0], median([1, 2, 3, 3, 5, 6])[1])
    assert (None, None) == median([])


def _likelihood(counts: list[tuple[int, int]], rates: list[float] | tuple[float, ...]) -> float:
    return math.prod(rate**k * (1 - rate) ** (n - k) for (k, n), rate in zip(counts, rates, strict=True))


def _ranks(order: object) -> int:
    return sum(place for place, completed in enumerate(order) if completed)  # type: ignore[arg-type, var-annotated]
