"""pass@k and cost per completion, against enumeration and simulation."""

import math
from itertools import combinations

import numpy as np
import pytest

from analysis.stats.pass_at_k import mean_pass_at_k, pass_at_k
from analysis.stats.proportion import clopper_pearson
from analysis.stats.ratio import MOST_BLOCKS, cost_per_completion


def test_pass_at_k_is_the_share_of_sets_of_runs() -> None:
    """Every set of k runs is gone through, at no and at full completion too."""
    for runs in range(1, 8):
        for completed in range(runs + 1):
            for k in range(1, runs + 1):
                sets = list(combinations(range(runs), k))
                share = sum(min(chosen) < completed for chosen in sets) / len(sets)
                assert share == pytest.approx(pass_at_k(completed, runs, k).estimate)


def test_pass_at_k_is_unbiased() -> None:
    """Its mean over all outcomes, by their chances, is 1 − (1 − rate)^k."""
    for rate, k in ((0.0, 2), (0.2, 3), (0.7, 5), (1.0, 1)):
        chances = [math.comb(9, c) * rate**c * (1 - rate) ** (9 - c) for c in range(10)]
        mean = sum(chance * (pass_at_k(c, 9, k).estimate or 0.0) for c, chance in enumerate(chances))
        assert 1 - (1 - rate) ** k == pytest.approx(mean)


def test_the_interval_of_pass_at_k_covers() -> None:
    """By enumeration, at every rate at least 95%; pass@1 has the exact interval of the rate."""
    assert tuple(clopper_pearson(3, 9)) == pytest.approx(pass_at_k(3, 9, 1).interval)
    for rate in np.linspace(0, 1, 41):
        truth = 1 - (1 - rate) ** 3
        covered = 0.0
        for c in range(10):
            low, high = pass_at_k(c, 9, 3).interval or (0.0, 1.0)
            covered += math.comb(9, c) * rate**c * (1 - rate) ** (9 - c) * (low - 1e-12 <= truth <= high + 1e-12)
        assert covered >= 0.95


def test_fewer_runs_than_k_say_nothing() -> None:
    """No unbiased estimate exists there, of a task or of a mean with it."""
    assert (None, None) == (pass_at_k(2, 3, 4).estimate, mean_pass_at_k([(2, 3), (5, 9)], 4).estimate)
    assert mean_pass_at_k([], 1).estimate is None
    with pytest.raises(ValueError, match="pass@0"):
        pass_at_k(1, 2, 0)


def test_large_counts_are_quick_and_right() -> None:
    """At 10,000 runs pass@k is 1 − (1 − rate)^k to three digits."""
    assert 1 - 0.9**10 == pytest.approx(pass_at_k(1000, 10_000, 10).estimate, abs=1e-3)


def test_the_interval_of_a_mean_of_pass_at_k_covers() -> None:
    """Of 2,000 simulated sets of three tasks, at least 93% cover the true mean."""
    rng = np.random.default_rng(3)
    rates = np.array([0.1, 0.4, 0.85])
    truth, covered = float(np.mean(1 - (1 - rates) ** 2)), 0
    for _ in range(2000):
        low, high = mean_pass_at_k([(int(rng.binomial(10, rate)), 10) for rate in rates], 2).interval or (0.0, 1.0)
        covered += low <= truth <= high
    assert covered / 2000 >= 0.93


def test_it_covers_with_one_run_of_each_of_many_tasks() -> None:
    """Sixty tasks that are solved every other time: what varies most from run to run is not taken for certain."""
    rng = np.random.default_rng(5)
    covered = 0
    for solved in rng.binomial(60, 0.5, 1000):
        low, high = mean_pass_at_k([(1, 1)] * int(solved) + [(0, 1)] * (60 - int(solved)), 1).interval or (0.0, 1.0)
        covered += low <= 0.5 <= high
    assert covered / 1000 >= 0.93


def test_cost_per_completion_is_a_ratio_of_sums() -> None:
    """What failed runs cost is paid for by those that completed."""
    found = cost_per_completion([10.0, 20.0, 30.0], [True, False, True], [1, 1, 2])
    assert (30.0, None) == (found.estimate, found.interval)
    nothing = cost_per_completion([10.0] * 8, [False] * 8, list(range(8)))
    assert (None, None) == (nothing.estimate, nothing.interval)


def test_few_completions_leave_the_cost_open_above() -> None:
    """One completion in eight blocks: many resamples have none, whose cost is infinite."""
    found = cost_per_completion([10.0] * 8, [True] + [False] * 7, list(range(8)))
    assert found.interval is not None
    assert (80.0, math.inf) == (found.estimate, found.interval.high)
    assert found.interval.low < 80


def test_the_bootstrap_interval_covers() -> None:
    """Of 400 simulated arms of 40 blocks, whose runs share how long their block took, 90% to 98% cover the truth."""
    rng = np.random.default_rng(12)
    covered = 0
    for _ in range(400):
        slow = np.repeat(rng.lognormal(0.0, 0.5, 40), 3)
        done = rng.random(120) < 0.5
        cost = slow * (1.0 + ~done)
        interval = cost_per_completion(cost, done, np.repeat(np.arange(40), 3)).interval
        assert interval is not None
        covered += interval.low <= math.exp(0.125) * 1.5 / 0.5 <= interval.high
    assert 0.90 <= covered / 400 <= 0.98


def test_blocks_are_drawn_whole_and_repeatably() -> None:
    """Runs that share their block's fate know less than as many runs on their own; the same runs give the same."""
    rng = np.random.default_rng(13)
    cost = np.repeat(rng.lognormal(0.0, 1.0, 20), 10)
    done = np.ones(200, dtype=bool)
    shared = cost_per_completion(cost, done, np.repeat(np.arange(20), 10))
    alone = cost_per_completion(cost, done, np.arange(200))
    assert shared.interval is not None and alone.interval is not None
    assert shared.interval.high - shared.interval.low > 2 * (alone.interval.high - alone.interval.low)
    assert shared == cost_per_completion(cost, done, np.repeat(np.arange(20), 10))


def test_very_many_blocks_take_the_delta_method() -> None:
    """Its interval is that of the bootstrap, nearly."""
    rng = np.random.default_rng(14)
    n = MOST_BLOCKS
    cost, done = rng.lognormal(0.0, 0.5, n + 1), rng.random(n + 1) < 0.3
    drawn = cost_per_completion(cost[:n], done[:n], np.arange(n)).interval
    delta = cost_per_completion(cost, done, np.arange(n + 1)).interval
    assert drawn is not None and delta is not None
    assert tuple(drawn) == pytest.approx(tuple(delta), rel=0.01)
