"""Sentences that judge: each turns with the figures that it is worded from."""

import pytest

from analysis.study.calibration.compare import compare
from analysis.study.calibration.lacks import SubjectVerdicts, varied
from analysis.study.calibration.runs import bundled
from analysis.study.published.ledger import PublishedResults, Row, read
from analysis.study.published.recompute import recompute
from analysis.study.published.verdicts import PublishedVerdicts


def verdicts(*changes: tuple[str, str, dict[str, str]]) -> PublishedVerdicts:
    """The sentences after changes to rows of the published tables: table, row and values."""

    def changed(name: str) -> list[Row]:
        rows = read(name)
        for table, row_id, values in changes:
            for row in rows:
                if name == table and row["id"] == row_id:
                    row.update(values)
        return rows

    published = PublishedResults(changed)
    return PublishedVerdicts(published, recompute(published))


@pytest.mark.parametrize(
    ("sentence", "usual", "turned", "change"),
    [
        ("large_budgets", "all 6 printed", "5 of the 6", ("arms", "p11-26k", {"completed": "0"})),
        ("costliest_step", "No comparison", "1 of the", ("arms", "p09-11k-A", {"task": "graphkit"})),
        ("better_of_two", "1.000", "0.0043", ("tests", "t02-nudge-11k", {"k_a": "6", "n_a": "6", "n_b": "6"})),
        ("digest_listings", "fewer listings: 0", "no fewer", ("arms", "p03-B", {"note": "list_dir 7.0, read_file"})),
        ("later_batch", "does not differ", "which differs", ("tests", "t18-session", {"k_a": "8", "k_b": "0"})),
        ("datakit_reads", "Fewer bytes", "No fewer", ("arms", "p08-8k-B", {"read_bytes_per_pass": "14000"})),
        (
            "budget_curve",
            "does not exclude",
            "which excludes",
            ("tests", "t15-datakit-budget", {"k_a": "6", "k_b": "0"}),
        ),
        ("levers_heading", "without a measured", "in 1 tests", ("tests", "t16-L2-11k", {"k_b": "0"})),
        ("bounds_heading", "without a measured", "in 1 tests", ("tests", "t13-datakit-8k", {"k_b": "0"})),
        ("second_model", "did not differ", "in 1 of 2", ("tests", "t19-gemma-graphkit-9k", {"k_a": "4"})),
        ("notes", "not even a rate of 1", "cannot reach", ("tests", "t01-memory", {"k_a": "2", "n_a": "2"})),
    ],
)
def test_a_sentence_turns_with_its_figures(
    sentence: str, usual: str, turned: str, change: tuple[str, str, dict[str, str]]
) -> None:
    """As published it says one thing, and after one change of a figure another."""
    before, after = getattr(verdicts(), sentence), getattr(verdicts(change), sentence)
    assert (True, False) == (usual in before, turned in before), before
    assert turned in after, after


def test_the_habit_that_is_named_is_the_one_that_completes_most() -> None:
    """If no habit completes a run of the arm that costs most, the sentence says so."""
    compared, rehearsed = compare(bundled()), compare(bundled("rehearsed"))
    sentence = SubjectVerdicts(compared, rehearsed, varied()).worst
    arm = sentence.split("`")[1]
    own = [row for row in varied() if (row["arm"], row["figure"]) == (arm, "completed")]
    best = max((row for row in own if row["habit"]), key=lambda row: row["simulated"])
    assert f"`{best['habit']}` {best['value']:g}" in sentence
    none = [row | {"simulated": 0} for row in own]
    assert "None of 6 runs completes" in SubjectVerdicts(compared, rehearsed, none).worst


def test_a_difference_is_called_so_by_its_test() -> None:
    """With the same completions in all arms, no simulated difference is left."""
    rehearsed = bundled("rehearsed")
    usual = SubjectVerdicts(compare(bundled()), compare(rehearsed), varied()).independent
    alike = [one | {"outcome": "completed"} for one in rehearsed]
    turned = SubjectVerdicts(compare(bundled()), compare(alike), varied()).independent
    assert (2, 0) == (usual.count("(a difference"), turned.count("(a difference"))
