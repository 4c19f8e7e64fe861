"""Effort to completion, against statsmodels, values of lifelines, enumeration and simulation."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from analysis.stats import survival as module
from analysis.stats.survival import Labelled, kaplan_meier, log_rank, log_rank_scores, restricted_mean

REMISSION = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
"""Weeks to relapse of Freireich and others (1963), as every textbook has them."""


def test_kaplan_meier_equals_statsmodels() -> None:
    """Survival and its standard error at every step, with ties between completions and censored runs."""
    rng = np.random.default_rng(2)
    for size in (1, 5, 30, 200):
        efforts, done = rng.integers(1, 20, size).astype(float), rng.random(size) < 0.6
        if not done.any():
            continue
        curve, theirs = kaplan_meier(efforts, done), SurvfuncRight(efforts, done.astype(int))
        assert list(theirs.surv_times) == list(curve.times)
        assert list(theirs.surv_prob) == pytest.approx(list(curve.survival))
        inside = curve.survival > 0
        errors = curve.survival[inside] * np.sqrt(curve.variance[inside])
        assert list(theirs.surv_prob_se[inside]) == pytest.approx(list(errors))


def test_the_textbook_example() -> None:
    """Survival at 10 weeks is .753, with the interval on the log(−log) scale that R and lifelines give; median 23."""
    curve = kaplan_meier([float(week) for week in REMISSION], [bool(one) for one in RELAPSED])
    assert curve.at(10) == pytest.approx(0.7529412, abs=1e-6)
    assert (0.5031995, 0.8893618) == pytest.approx(tuple(curve.interval(10)), abs=1e-4)
    assert curve.median == 23.0
    assert restricted_mean(curve, 30.0).mean == pytest.approx(21.0464986, abs=1e-6)  # lifelines 0.30
    assert kaplan_meier([float(week) for week in PLACEBO], [True] * 21).median == 8.0


def test_the_restricted_mean_without_censoring_is_a_plain_mean() -> None:
    """Then it is the mean of what each run used up to the horizon, and its variance that of a mean."""
    curve = kaplan_meier([float(week) for week in PLACEBO], [True] * 21)
    for horizon in (5.0, 12.5, 23.0, 40.0):
        capped = np.minimum(PLACEBO, horizon)
        found = restricted_mean(curve, horizon)
        assert float(capped.mean()) == pytest.approx(found.mean)
        assert float(capped.var()) / 21 == pytest.approx(found.variance)


def test_the_variance_of_the_restricted_mean_is_that_of_leaving_one_out() -> None:
    """The infinitesimal jackknife with small weights, an independent way, gives Greenwood's variance."""
    efforts, done = np.array(REMISSION, dtype=float), np.array(RELAPSED, dtype=bool)
    found = restricted_mean(kaplan_meier(efforts, done), 30.0)
    copies = 200
    base = np.tile(efforts, copies), np.tile(done, copies)
    slopes = []
    for one in range(len(efforts)):
        more = kaplan_meier(np.append(base[0], efforts[one]), np.append(base[1], done[one]))
        slopes.append((restricted_mean(more, 30.0).mean - found.mean) * (copies * len(efforts) + 1) / len(efforts))
    assert found.variance is not None
    assert float(np.sum(np.square(slopes))) == pytest.approx(found.variance, rel=0.02)


def test_intervals_of_the_restricted_mean_cover() -> None:
    """Of 2,000 simulated arms of 40 runs with random censoring, 93% to 97% cover the true restricted mean."""
    rng = np.random.default_rng(4)
    truth, covered = 1 - math.exp(-1.0), 0
    for _ in range(2000):
        time, end = rng.exponential(1.0, 40), rng.exponential(2.0, 40)
        bounds = restricted_mean(kaplan_meier(np.minimum(time, end), time <= end), 1.0).interval()
        assert bounds is not None
        covered += bounds.low <= truth <= bounds.high
    assert 0.93 <= covered / 2000 <= 0.97


def test_without_a_completion_little_is_claimed() -> None:
    """Nothing completed: no median, and no interval of width 0; without runs there is an empty curve."""
    curve = kaplan_meier([3.0, 4.0, 5.0], [False] * 3)
    assert (1.0, None, (0.0, 1.0)) == (curve.at(4), curve.median, tuple(curve.interval(4)))
    assert (4.0, None) == (restricted_mean(curve, 4.0).mean, restricted_mean(curve, 4.0).interval())
    assert (0, 0.0) == (len(kaplan_meier([], []).times), kaplan_meier([], []).longest)


def test_runs_that_never_complete_stay_at_risk() -> None:
    """An infinite effort is at risk at every step, so that the curve ends at the share of such runs."""
    curve = kaplan_meier([1.0, 2.0, math.inf, math.inf], [True, True, False, False])
    assert ([0.75, 0.5], 2.0) == (list(curve.survival), curve.longest)


def test_the_log_rank_sum_equals_statsmodels() -> None:
    """With one block a stratum, the squared sum over its permutation variance is nearly the chi-squared statistic."""
    efforts = np.array(REMISSION + PLACEBO, dtype=float)
    done = np.array([*RELAPSED, *[1] * 21], dtype=bool)
    in_b = np.arange(42) >= 21
    found = log_rank([Labelled(efforts, done, in_b, np.zeros(42, dtype=np.int64))])
    statistic, p = survdiff(efforts, done.astype(int), in_b.astype(int))
    assert found is not None
    assert 10.25 == pytest.approx(found.excess, abs=0.01)  # 21 relapses observed, 10.75 expected
    assert (True, "drawn") == (found.p < 0.001, found.method)
    assert 16.79 == pytest.approx(float(statistic), abs=0.01)
    assert float(p) < 0.001


def test_the_exact_value_is_a_count_of_assignments() -> None:
    """Every assignment of labels within every block, each with its log-rank sum computed by its definition."""
    rng = np.random.default_rng(8)
    for _ in range(10):
        efforts, done = rng.integers(1, 8, 9).astype(float), rng.random(9) < 0.7
        blocks = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2])
        in_b = np.array([1, 1, 0, 0, 1, 0, 0, 1, 0], dtype=bool)
        found = log_rank([Labelled(efforts, done, in_b, blocks)])
        choices = [list(combinations(np.flatnonzero(blocks == b), int(in_b[blocks == b].sum()))) for b in range(3)]
        sums = np.array([_excess(efforts, done, [i for part in chosen for i in part]) for chosen in product(*choices)])
        observed = _excess(efforts, done, list(np.flatnonzero(in_b)))
        if np.ptp(sums) < 1e-9:
            assert found is None
            continue
        assert found is not None
        expected = np.mean(np.abs(sums - sums.mean()) >= abs(observed - sums.mean()) - 1e-9)
        assert (pytest.approx(observed), pytest.approx(float(expected))) == (found.excess, found.p)


def test_drawn_and_normal_values_approach_the_exact_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twelve blocks of two: the drawn value within four standard errors, the normal one roughly."""
    rng = np.random.default_rng(9)
    efforts, done = rng.exponential(1.0, 24), np.ones(24, dtype=bool)
    stratum = Labelled(efforts, done, np.tile([False, True], 12), np.repeat(np.arange(12), 2))
    exact = log_rank([stratum])
    monkeypatch.setattr(module, "MOST_ASSIGNMENTS", 1)
    drawn = log_rank([stratum])
    monkeypatch.setattr(module, "MOST_DRAWN", 1)
    normal = log_rank([stratum])
    assert exact is not None and drawn is not None and normal is not None
    assert ("exact", "drawn", "normal") == (exact.method, drawn.method, normal.method)
    assert exact.p == pytest.approx(drawn.p, abs=4 * math.sqrt(exact.p * (1 - exact.p) / module.DRAWS))
    assert exact.p == pytest.approx(normal.p, abs=0.05)


def test_one_empty_arm_or_nothing_to_exchange_is_no_test() -> None:
    """Without both arms in a block, or without a completion, no assignment differs from another."""
    alone = Labelled(np.array([1.0, 2.0]), np.ones(2, dtype=bool), np.zeros(2, dtype=bool), np.zeros(2, dtype=np.int64))
    none = Labelled(
        np.ones(4), np.zeros(4, dtype=bool), np.array([0, 0, 1, 1], dtype=bool), np.zeros(4, dtype=np.int64)
    )
    apart = Labelled(np.arange(4.0), np.ones(4, dtype=bool), np.array([0, 0, 1, 1], dtype=bool), np.arange(4))
    assert [None] * 3 == [log_rank([alone]), log_rank([none]), log_rank([apart])]


def test_ten_thousand_runs_an_arm_take_moments() -> None:
    """The normal law takes over, and sees no difference between arms that are alike."""
    rng = np.random.default_rng(10)
    efforts, done = rng.exponential(1.0, 20_000), rng.random(20_000) < 0.8
    found = log_rank([Labelled(efforts, done, np.arange(20_000) % 2 == 1, np.arange(20_000) // 2)])
    assert found is not None
    assert ("normal", True) == (found.method, found.p > 0.001)


def test_scores_sum_to_zero() -> None:
    """Observed and expected completions of a stratum as a whole are the same."""
    rng = np.random.default_rng(11)
    efforts, done = rng.integers(1, 9, 50).astype(float), rng.random(50) < 0.5
    assert float(log_rank_scores(efforts, done).sum()) == pytest.approx(0.0, abs=1e-9)


def _excess(efforts: np.ndarray, done: np.ndarray, chosen: list[int]) -> float:  # type: ignore[type-arg]
    """Completions among the chosen less those expected, step by step."""
    in_b = np.isin(np.arange(len(efforts)), chosen)
    excess = 0.0
    for time in np.unique(efforts[done]):
        risk, deaths = efforts >= time, done & (efforts == time)
        excess += float((deaths & in_b).sum()) - float(deaths.sum()) * float((risk & in_b).sum()) / float(risk.sum())
    return excess
