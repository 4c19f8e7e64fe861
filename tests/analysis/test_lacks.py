"""What the simulated subjects lack: every miss on the page, with the habits that were tried on it."""

import subprocess
import sys
from importlib.resources import files
from math import comb
from pathlib import Path
from random import Random
from statistics import pstdev

import pytest
from test_slips import judging

from analysis.study.calibration import predict, score
from analysis.study.calibration.compare import compare
from analysis.study.calibration.fit import fits, frozen_lines
from analysis.study.calibration.lacks import COMPLETED, lacks_table, misses, unreached, varied
from analysis.study.calibration.runs import bundled

ROOT = Path(__file__).resolve().parents[2]


def test_every_miss_with_the_real_gate_has_its_row() -> None:
    """Figures and completions of predicted arms that lie outside, and no others."""
    compared = [one for one in compare(bundled()) if not one.target.fitted]
    outside = {(arm.target.arm.id, one.name) for arm in compared for one in arm.measures if one.inside is False}
    outside |= {(arm.target.arm.id, COMPLETED) for arm in compared if arm.inside is False}
    assert outside == {(one.arm, one.figure) for one in misses(compared)}
    assert outside == {(row["arm"], row["figure"]) for row in lacks_table(compared, varied()).rows}


def test_every_miss_was_tried_with_every_habit() -> None:
    """Each habit once, and once nothing changed, with as many runs."""
    rows = varied()
    habits = {row["habit"] for row in rows}
    for miss in misses(compare(bundled())):
        own = [row for row in rows if (row["arm"], row["figure"]) == (miss.arm, miss.figure)]
        assert sorted(habits) == sorted(row["habit"] for row in own), miss
    assert "" in habits
    assert 1 == len({row["runs"] for row in rows})


def test_a_habit_reaches_a_figure_by_going_to_it_or_past_it() -> None:
    """Of two changes, the one that ends on the other side of the published figure is named, the other is not."""
    (miss, *_) = misses(compare(bundled()))
    base, beyond = miss.published * 2, miss.published / 2
    row = {"arm": miss.arm, "figure": miss.figure, "runs": 6, "inside": False, "value": 1.0}
    rows = [row | {"habit": name, "simulated": simulated} for name, simulated in (("", base), ("lists", base * 2))]
    compared = compare(bundled())
    assert "none of 1" == lacks_table(compared, rows).rows[0]["reached"]
    rows.append(row | {"habit": "edits", "simulated": beyond})
    assert "`edits` 1" == lacks_table(compared, rows).rows[0]["reached"]
    assert "0 of" in unreached(compared, rows)


def test_widths_are_shares_of_the_published_figure() -> None:
    """From the least to the most that is expected."""
    figures = [one for arm in compare(bundled()) for one in arm.measures if one.expected]
    assert all(one.width is not None for one in figures)
    assert [(one.expected.high - one.expected.low) / one.published for one in figures if one.expected] == pytest.approx(
        [one.width for one in figures]
    )


def test_the_spread_of_a_score_is_that_of_runs_drawn_anew() -> None:
    """By drawing the simulated completions of two arms with one setting many times."""
    arms = score.scored_counts({"p05-B": (13, 20), "p09-11k-A": (13, 20)})
    rate, random = 13.5 / 21, Random(1)
    chances = [comb(20, i) * rate**i * (1 - rate) ** (20 - i) for i in range(21)]
    drawn = random.choices(range(21), chances, k=20000)
    sums = [sum(predict.log_chance(k, 20, *one.published) for one in arms) for k in drawn]
    assert pytest.approx(pstdev(sums), rel=0.03) == score.total(arms).spread


@pytest.mark.parametrize("subject", ["resweep", "selective"])
def test_a_fit_is_scored_once(subject: str) -> None:
    """A second try is refused, before anything is rehearsed."""
    command = [sys.executable, "-m", "analysis.study.calibration.fitting.rehearse", "--fit", subject]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (2, True) == (refused.returncode, "a fit is scored once" in refused.stderr)


def test_a_choice_that_is_not_in_force_is_scored_beside_what_is() -> None:
    """The last fit of each subject has its sentence, with both scores where they differ."""
    lines = frozen_lines()
    page = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
    assert (len(fits()), True) == (len(lines), all(line in page for line in lines))
    other = [some[-1] for some in fits().values() if not some[-1]["in_force"]]
    assert all({"rehearsed", "rehearsed_in_force"} <= fit.keys() for fit in other)


def test_every_sentence_on_the_subjects_that_judges_is_generated() -> None:
    """In the part on the misses, a sentence with a word that judges holds a placeholder decided by the condition."""
    template = (files("analysis.study.calibration") / "simulator.md").read_text(encoding="utf-8")
    part = template[template.index("## The misses") : template.index("## How to repeat it")]
    assert [] == [*judging(part)]
