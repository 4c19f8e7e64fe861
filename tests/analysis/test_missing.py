"""Runs without a result: beside every contrast, with the most that they could change."""

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from declared_lines import Declare, Told, declared_rows, entry, swept

from analysis.contrasts.sensitivity import sensitivity
from analysis.stats.arms import TwoArms
from analysis.stats.curtailed import sided


def missed(runs: list[dict[str, Any]], count: int, outcome: str = "fault", **given: Any) -> list[dict[str, Any]]:
    """As many further runs of an arm that came to no result."""
    return [
        runs[0] | {"run_id": f"{runs[0]['run_id']}-{outcome}-{n}", "outcome": outcome, "replicate": 100 + n} | given
        for n in range(count)
    ]


def row(told: Told, *runs: dict[str, Any]) -> dict[str, Any]:
    """The row of the exploratory contrast of memory."""
    found: dict[str, Any] = told(*runs)["tables"]["memory-false-true"]["rows"][0]
    return found


def test_faults_and_interruptions_stand_beside_the_contrast_by_arm(told: Told) -> None:
    """Counted apart, and none of them in the rates."""
    without, with_memory = swept(0, 5, memory=False), swept(5, 5, memory=True)
    one = row(told, *without, *with_memory, *missed(without, 2), *missed(with_memory, 3, "interrupted"))
    assert (2, 0, 0, 3) == tuple(one[name] for name in ("fault_a", "fault_b", "interrupted_a", "interrupted_b"))
    assert ("0/5", "5/5", 2, 3) == (one["a"], one["b"], one["missing_a"], one["missing_b"])
    none = row(told, *without, *with_memory)
    assert (0, 0, None, None) == tuple(none[name] for name in ("missing_a", "missing_b", "p_worst", "robust"))


def test_a_run_that_was_made_again_is_not_missing(told: Told) -> None:
    """A fault with a result in the same cell, sweep and replicate is shown and bounds nothing."""
    without, with_memory = swept(0, 5, memory=False), swept(5, 5, memory=True)
    again = without[0] | {"replicate": 100}
    one = row(told, again, *without[1:], *with_memory, *missed(without, 2))
    assert (2, 1) == (one["fault_a"], one["missing_a"])


def killed(log_folder: Path, run: dict[str, Any], name: str, **start: Any) -> None:
    """A run folder whose transcript says only that the run began."""
    folder = log_folder / "runs" / name
    folder.mkdir(parents=True)
    start = {"event": "run_started", "cell": run["cell"], "replicate": 100, "sweep": run["sweep"]} | start
    (folder / "transcript.jsonl").write_text(json.dumps(start) + "\n")


@pytest.mark.parametrize(
    ("start", "missing"),
    [
        ({}, 1),
        ({"sweep": None}, 1),
        ({"replicate": 0}, 0),
        ({"replicate": 0, "sweep": None}, 0),
        ({"replicate": 0, "sweep": "another"}, 1),
        ({"cell": "?"}, 0),
    ],
)
def test_a_killed_run_is_missing_from_its_arm(told: Told, tmp_path: Path, start: dict[str, Any], missing: int) -> None:
    """It has a folder and no line; made again by its sweep, it is missing no more. Its cell says which arm."""
    without, with_memory = swept(0, 5, memory=False), swept(5, 5, memory=True)
    without[0]["replicate"] = 0
    killed(tmp_path, without[0], "killed", **start)
    one = row(told, *without, *with_memory)
    assert (int(start.get("cell") != "?"), 0) == (one["unfinished_a"], one["unfinished_b"])
    assert (missing, 0) == (one["missing_a"], one["missing_b"])


@pytest.mark.parametrize(("faults", "robust"), [(1, True), (4, False)])
def test_a_finding_that_missing_runs_could_take_away_is_marked(told: Told, faults: int, robust: bool) -> None:
    """By the worst case for it; bounds are printed whenever any run is missing."""
    without, with_memory = swept(0, 5, memory=False), swept(5, 5, memory=True)
    found = told(*without, *with_memory, *missed(without, faults))
    table = found["tables"]["memory-false-true"]
    assert robust is table["rows"][0]["robust"]
    notes = [note for note in table["notes"] if "if all missing runs had failed" in note]
    assert [not robust] == ["NOT ROBUST" in note for note in notes]


def test_a_declared_test_is_bounded_too(told: Told, declare: Declare) -> None:
    """On its own side and at its own level."""
    declare(entry(runs=8))
    without, with_memory = swept(0, 4, memory=False), swept(4, 4, memory=True)
    (one,) = declared_rows(told(*without, *with_memory, *missed(without, 3)))
    expected = sided([TwoArms(3, 7, 4, 4)], "greater")
    assert (3, pytest.approx(expected), False) == (one["missing_a"], one["p_worst"], one["robust"])


@pytest.mark.parametrize("side", ["two", "greater", "less"])
@pytest.mark.parametrize("missing", [[(2, 1), (0, 3)], [(1, 1), (0, 0)]])
def test_the_worst_case_is_the_worst_of_all_cases(side: str, missing: list[tuple[int, int]]) -> None:
    """By going through every outcome of the missing runs; the two others are among them."""
    strata = [TwoArms(1, 5, 4, 5), TwoArms(0, 3, 2, 4)]
    cases = {
        tuple(done): sided(
            [
                TwoArms(t.k_a + done[2 * n], t.n_a + missing[n][0], t.k_b + done[2 * n + 1], t.n_b + missing[n][1])
                for n, t in enumerate(strata)
            ],
            side,
        )
        for done in product(*(range(count + 1) for pair in missing for count in pair))
    }
    bounds = sensitivity(strata, missing, side)
    assert bounds is not None
    assert max(cases.values()) == pytest.approx(bounds.worst)
    assert cases[0, 0, 0, 0] == pytest.approx(bounds.all_failed)
    assert cases[tuple(count for pair in missing for count in pair)] == pytest.approx(bounds.all_completed)


def test_many_missing_runs_are_bounded_by_their_corners() -> None:
    """Where they could turn the difference around, they could also leave none."""
    assert 1.0 == getattr(sensitivity([TwoArms(10, 100, 30, 100)], [(200, 200)]), "worst", None)
    kept = sensitivity([TwoArms(0, 1000, 900, 1000)], [(100, 100)])
    assert kept is not None
    assert kept.worst < 1e-9
    assert sensitivity([TwoArms(0, 5, 5, 5)], [(0, 0)]) is None
