"""The study's section on generated kits: its data, its predictions, and the wording of what it finds."""

from dataclasses import replace

from analysis.study.calibration.fitting.kits import size_of
from analysis.study.kits.grid import KitSize, declared_arms, rehearsed
from analysis.study.kits.section import KitLadder, findings, kit_section, ladders_of
from harness.simulator.profiles import PROFILES


def changed(ladder: KitLadder, *completed: int) -> KitLadder:
    """The ladder with other counts at its first limits."""
    counts = [replace(one, completed=done) for one, done in zip(ladder.counts, completed, strict=False)]
    return replace(ladder, counts=[*counts, *ladder.counts[len(counts) :]])


def test_the_data_are_of_the_declared_grid_and_of_the_subject_as_it_is() -> None:
    """Every arm of conf/sweep/kit_floor.yaml with equally many runs, by the parameters in force."""
    data = rehearsed()
    assert list(declared_arms()) == [one.arm for one in data.counts]
    assert 1 == len({one.runs for one in data.counts})
    assert PROFILES["resweep"].fingerprint == data.fingerprint


def test_the_sizes_are_those_of_the_generated_tasks() -> None:
    """Bytes and opening tokens are computed anew."""
    known = {(one.packages, one.composer): one for one in rehearsed().sizes}
    for arguments in ((1, True), (4, False)):
        assert size_of(*arguments) == known[arguments]


def test_a_prediction_is_what_a_pass_begins_with_and_the_bytes() -> None:
    """By hand: 1,000 tokens and 3,100 or 6,200 bytes at 3.1 a token."""
    ladder = replace(next(ladders_of(rehearsed())), size=KitSize(1, False, 1000, 4200, 2000, "amber", 3100))
    assert (2000, 3000) == (round(ladder.by_step), round(ladder.by_all))


def test_a_prediction_at_the_lower_end_is_outside() -> None:
    """The interval is above its lower end and at most its upper one."""
    ladder = changed(next(ladders_of(rehearsed())), 0, 10)
    low, high = ladder.floor[1]
    assert (4000, 6000) == (low, high)
    assert [False, True, True, False] == [ladder.holds(one) for one in (4000, 4001, 6000, 6001)]


def test_what_is_found_is_worded_by_its_condition() -> None:
    """Flat kits whose floors do not move are not said to rise."""
    ladders = list(ladders_of(rehearsed()))
    still = [changed(one, *[one.counts[0].runs] * 6) for one in ladders]
    assert any(" rises " in line for line in findings(ladders))
    assert not any(" rises " in line or "alone" in line for line in findings(still))


def test_the_section_is_called_simulated() -> None:
    """In its text and under its table."""
    text, table = kit_section()
    assert ("The subject is simulated" in text, "simulated" in table.notes[0]) == (True, True)
    assert len(table.rows) == len(
        {(one.arm.packages, one.arm.composer, one.arm.elide_passing) for one in rehearsed().counts}
    )
