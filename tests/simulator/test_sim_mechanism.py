"""The mechanism is the cause: with one policy, unchanged, the levers do what they did, where they did it."""

import pytest

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import fisher
from analysis.study.calibration.fitting.rehearsal import Rehearsal

pytestmark = [pytest.mark.slow, pytest.mark.go]

RUNS = 16
ALPHA = 0.05


@pytest.fixture(scope="module")
def resweep() -> Rehearsal:
    """The subject that reads everything again."""
    return Rehearsal("resweep", rough=True)


@pytest.fixture(scope="module")
def selective() -> Rehearsal:
    """The subject that reads what it needs."""
    return Rehearsal("selective", rough=True)


def counts(subject: Rehearsal, task: str, factor: str, low: int | bool, high: int | bool, **levels: int) -> TwoArms:
    """Completions at two levels of a factor, everything else the same."""
    a, b = (subject.completed(task, RUNS, **levels, **{factor: level}) for level in (low, high))
    return TwoArms(a, RUNS, b, RUNS)


@pytest.mark.parametrize("task", ["apikit", "graphkit"])
def test_elision_lifts_a_resweeper_over_the_floor_of_a_composer(resweep: Rehearsal, task: str) -> None:
    """At the budget of the study, far beyond chance."""
    arms = counts(resweep, task, "elide_passing", False, True)
    assert fisher(arms).greater < ALPHA, arms


def test_elision_does_nothing_where_there_is_no_floor(resweep: Rehearsal) -> None:
    """The flat task is completed at that budget with it and without, but for what the subject overlooks."""
    arms = counts(resweep, "datakit", "elide_passing", False, True)
    assert fisher(arms).two_sided > ALPHA, arms
    assert min(arms.k_a, arms.k_b) > RUNS * 0.8


@pytest.mark.parametrize("task", ["apikit", "graphkit"])
def test_elision_does_nothing_for_one_who_reads_little(selective: Rehearsal, task: str) -> None:
    """What is not read cannot be spared: its floors are of another kind."""
    arms = counts(selective, task, "elide_passing", False, True, max_iters=5)
    assert fisher(arms).two_sided > ALPHA, arms


def test_the_budget_moves_the_floor(resweep: Rehearsal) -> None:
    """What cannot be done within one budget is done within a larger one, by the same habits."""
    arms = counts(resweep, "graphkit", "ctx_limit", 11000, 16000)
    assert fisher(arms).greater < ALPHA, arms


def test_memory_does_not_move_the_floor(resweep: Rehearsal) -> None:
    """Notes say what is done, and not what a spec says: below the floor they help nobody over it."""
    arms = counts(resweep, "apikit", "memory", False, True)
    assert fisher(arms).two_sided > ALPHA, arms
