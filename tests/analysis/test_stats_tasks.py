"""Statistics over tasks, against enumeration, simulation, statsmodels and SciPy."""

import math
from itertools import combinations, product

import numpy as np
import pytest
from scipy.stats import beta, binom, binomtest, t
from statsmodels.stats.contingency_tables import StratifiedTable, mcnemar

from analysis.stats.arms import TwoArms
from analysis.stats.clustered import clustered_mean, clustered_rate, run_to_run
from analysis.stats.conditional import ConditionalDistribution
from analysis.stats.pass_at_k import pass_at_k
from analysis.stats.permutation import permutation_test
from analysis.stats.proportion import clopper_pearson


@pytest.mark.parametrize(("solved", "tasks"), [(0, 5), (1, 1), (2, 3), (123, 225), (40, 40)])
def test_with_one_run_a_task_the_interval_is_clopper_and_pearsons(solved: int, tasks: int) -> None:
    """Runs of different tasks are independent: nothing is gained and nothing lost, whatever the tasks are."""
    counts = [(1, 1)] * solved + [(0, 1)] * (tasks - solved)
    theirs = binomtest(solved, tasks).proportion_ci(0.95, method="exact")
    assert (theirs.low, theirs.high) == pytest.approx(tuple(clustered_rate(counts).interval), abs=1e-9)
    assert tasks == clustered_rate(counts).effective


@pytest.mark.parametrize("runs", [2, 4, 30])
def test_runs_of_a_task_that_all_come_out_alike_count_once(runs: int) -> None:
    """Tasks that are always or never solved say what one run of each says, however often they are run."""
    counts = [(runs, runs)] * 7 + [(0, runs)] * 5
    assert tuple(clopper_pearson(7, 12)) == pytest.approx(tuple(clustered_rate(counts).interval), abs=1e-9)


def test_the_interval_follows_its_definition() -> None:
    """Effective runs, by NumPy's variance and SciPy's quantiles; the interval by SciPy's Beta distribution."""
    counts = [(3, 4), (0, 4), (4, 4), (1, 3), (2, 4), (2, 4), (0, 3), (3, 4)]
    rates = np.array([k / n for k, n in counts])
    mean = rates.mean()
    effective = mean * (1 - mean) / (rates.var(ddof=1) / 8) * (1.959963984540054 / t.ppf(0.975, 7)) ** 2
    assert 8 < effective < sum(n for _, n in counts)
    k = mean * effective
    theirs = beta.ppf(0.025, k, effective - k + 1), beta.ppf(0.975, k + 1, effective - k)
    ours = clustered_rate(counts)
    assert (mean, effective, *theirs) == pytest.approx((ours.estimate, ours.effective, *ours.interval), abs=1e-9)


def test_alike_tasks_say_as_much_as_independent_runs_and_no_more() -> None:
    """With no spread between tasks, each run counts."""
    assert 20 == clustered_rate([(2, 4)] * 5).effective
    assert tuple(clopper_pearson(10, 20)) == pytest.approx(tuple(clustered_rate([(2, 4)] * 5).interval), abs=1e-9)


def test_no_tasks_and_no_counts_are_refused() -> None:
    """Nothing is made up of nothing."""
    for wrong in ([], [(2, 1)], [(0, 0)]):
        with pytest.raises(ValueError, match="must be"):
            clustered_rate(wrong)
    with pytest.raises(ValueError, match="must be"):
        clustered_mean([1.5], 1)


@pytest.mark.parametrize("tasks", [5, 25])
def test_the_interval_covers_at_its_level_for_tasks_like_these(tasks: int) -> None:
    """Simulated over rates, kinds of task and numbers of runs: at least .95 on average, and never below .90.

    Over a larger grid, once, the least coverage was .92: of 20 tasks with ten runs each and a mean rate of .05. Few
    tasks then complete at all, and their spread is not seen.
    """
    rng = np.random.default_rng(7)
    covered = []
    for runs, mean, correlation in product((1, 4), (0.1, 0.5), (0.0, 0.3, 0.9)):
        size = (1 - correlation) / correlation if correlation else 0
        rates = rng.beta(mean * size, (1 - mean) * size, (150, tasks)) if size else np.full((150, tasks), mean)
        hits = 0
        for drawn in rng.binomial(runs, rates):
            low, high = clustered_rate([(int(k), runs) for k in drawn]).interval
            hits += low <= mean <= high
        covered.append(hits / 150)
    assert np.mean(covered) >= 0.95
    # Three standard errors of 150 draws below .90.
    assert min(covered) >= 0.90 - 3 * math.sqrt(0.9 * 0.1 / 150)


def test_the_run_to_run_deviation_is_unbiased() -> None:
    """Its square is, on average over all outcomes, the variance of a score with one run of each task."""
    rates, runs = (0.1, 0.5, 0.9), (2, 3, 4)
    truth = sum(rate * (1 - rate) for rate in rates) / 9
    mean = 0.0
    for done in product(*(range(n + 1) for n in runs)):
        chance = math.prod(binom.pmf(k, n, rate) for k, n, rate in zip(done, runs, rates, strict=True))
        mean += chance * (run_to_run(list(zip(done, runs, strict=True))) or 0.0) ** 2
    assert truth == pytest.approx(mean, rel=1e-9)


def test_the_run_to_run_deviation_of_single_runs_is_unknown() -> None:
    """None, not 0; also where a single task has one run only."""
    assert run_to_run([(1, 1), (0, 1)]) is None
    assert run_to_run([(2, 4), (0, 1)]) is None
    assert 0 == run_to_run([(4, 4), (0, 4)])


def enumerated(tasks: list[TwoArms]) -> float:
    """p over every assignment of the runs of each task to the arms."""
    values = []
    for arms in tasks:
        outcomes = [1] * arms.completed + [0] * (arms.total - arms.completed)
        chosen = [sum(outcomes[i] for i in one) for one in combinations(range(arms.total), arms.n_b)]
        values.append([k / arms.n_b - (arms.completed - k) / arms.n_a for k in chosen])
    observed = abs(sum(arms.difference for arms in tasks))
    sums = [abs(sum(one)) for one in product(*values)]
    return sum(one >= observed - 1e-9 for one in sums) / len(sums)


TASKS = [
    [TwoArms(0, 1, 1, 1)] * 5 + [TwoArms(1, 1, 0, 1), TwoArms(1, 1, 1, 1)],
    [TwoArms(0, 2, 2, 2), TwoArms(1, 2, 2, 2), TwoArms(0, 2, 0, 2)],
    [TwoArms(0, 3, 2, 4), TwoArms(1, 2, 1, 1), TwoArms(2, 3, 3, 3)],
    [TwoArms(3, 4, 0, 2), TwoArms(0, 1, 2, 3)],
    [TwoArms(1, 3, 1, 3), TwoArms(2, 2, 2, 3)],
    [TwoArms(0, 2, 0, 3)],
]


@pytest.mark.parametrize("tasks", TASKS)
def test_the_permutation_test_equals_enumeration(tasks: list[TwoArms]) -> None:
    """Every assignment of the runs of each task to the arms, also with unequal numbers of runs."""
    tested = permutation_test(tasks)
    assert tested.exact
    assert enumerated(tasks) == pytest.approx(tested.p, abs=1e-12)
    assert np.mean([arms.difference for arms in tasks]) == pytest.approx(tested.difference)


def test_with_equally_many_runs_it_is_the_exact_stratified_test() -> None:
    """Both condition on the same; only where runs are missing do they weigh tasks differently."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        tasks = [TwoArms(int(a), 4, int(b), 4) for a, b in rng.integers(0, 5, (9, 2))]
        stratified = ConditionalDistribution.of(tasks).p_values().two_sided
        assert stratified == pytest.approx(permutation_test(tasks).p, abs=1e-9)


@pytest.mark.parametrize(("b_alone", "a_alone"), [(1, 0), (5, 1), (9, 4), (30, 12)])
def test_with_one_run_a_task_both_are_mcnemars_exact_test(b_alone: int, a_alone: int) -> None:
    """Tasks that both arms solved, or neither, say nothing; statsmodels tests the others."""
    tasks = [TwoArms(0, 1, 1, 1)] * b_alone + [TwoArms(1, 1, 0, 1)] * a_alone + [TwoArms(1, 1, 1, 1)] * 7
    theirs = mcnemar([[7, a_alone], [b_alone, 3]], exact=True).pvalue
    assert theirs == pytest.approx(permutation_test(tasks).p, abs=1e-9)
    assert theirs == pytest.approx(ConditionalDistribution.of(tasks).p_values().two_sided, abs=1e-9)


def test_large_sets_agree_with_statsmodels_mantel_haenszel() -> None:
    """225 tasks with four runs an arm: the exact value is that of the normal approximation, nearly."""
    rng = np.random.default_rng(2)
    rates = rng.beta(0.4, 0.4, 225)
    tasks = [
        TwoArms(int(a), 4, int(b), 4)
        for a, b in zip(rng.binomial(4, rates), rng.binomial(4, np.minimum(1, rates * 1.05)), strict=True)
    ]
    tables = [np.array([[one.k_b, 4 - one.k_b], [one.k_a, 4 - one.k_a]]) for one in tasks if 0 < one.completed < 8]
    theirs = StratifiedTable(tables).test_null_odds(correction=True).pvalue
    assert theirs == pytest.approx(permutation_test(tasks).p, abs=0.01)


def test_too_many_values_are_drawn() -> None:
    """Numbers of runs without a common step leave too many values; the drawn p agrees with a normal approximation."""
    primes = [53, 59, 61, 67, 71, 73, 79, 83, 89, 97]
    tasks = [TwoArms(n // 2, n, n // 2 + 5, n + 2) for n in primes]
    tested = permutation_test(tasks)
    assert not tested.exact
    variance = sum(one.completed * (one.total - one.completed) / (one.total - 1) / one.n_a / one.n_b for one in tasks)
    z = sum(one.difference for one in tasks) / math.sqrt(variance)
    assert math.erfc(abs(z) / math.sqrt(2)) == pytest.approx(tested.p, abs=0.02)


def test_pass_at_k_over_a_set_is_the_mean_over_every_choice_of_runs() -> None:
    """Against enumeration of all sets of k runs of each task."""
    counts, k = [(1, 4), (0, 4), (3, 4), (2, 5)], 2
    each = []
    for done, n in counts:
        outcomes = [1] * done + [0] * (n - done)
        each.append(np.mean([any(outcomes[i] for i in one) for one in combinations(range(n), k)]))
    assert np.mean(each) == pytest.approx(np.mean([pass_at_k(done, n, k).estimate for done, n in counts]))
