"""Sweeps that stop by themselves: what their declared tests say, and by what rule."""

import json
from pathlib import Path
from typing import Any

import pytest
from declared_lines import Declare, Told, declared_rows, entry, swept

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import fisher


def decide(folder: Path, **given: Any) -> None:
    """What a sweep that stops by itself leaves beside its declaration."""
    one = {"factor": "memory", "baseline": "false", "level": "true", "significant": True, "reason": "r", "e": None}
    found = {"sweep": "s", "contrasts": [one | {"stopped_after_block": 3, "blocks": 4} | given]}
    (folder / "sweeps" / "s.decided.json").write_text(json.dumps([found]), encoding="utf-8")


def test_runs_that_were_curtailed_count_against_the_test(declare: Declare, told: Told, tmp_path: Path) -> None:
    """The value is the largest that the whole test can come to; the rule and its reason are told."""
    declare(entry(rule={"stop": "curtail"}, side="two"))
    decide(tmp_path, significant=False, reason="whatever else comes")
    report = told(*swept(0, 3, False), *swept(3, 3, True))
    worst = max(fisher(TwoArms(a, 4, 3 + b, 4)).two_sided for a in (0, 1) for b in (0, 1))
    assert [(worst, 3, "curtail")] == [
        (row["p"], row["stopped_after_block"], row["rule"]) for row in declared_rows(report)
    ]
    notes = report["tables"]["declared"]["notes"]
    assert [] != [note for note in notes if "stopped after block 3 of 4: whatever else comes" in note]
    assert [] == [note for note in notes if "a look before the end" in note]


def test_a_decision_that_the_runs_contradict_is_named(declare: Declare, told: Told, tmp_path: Path) -> None:
    """It can be computed from the ledger: where it is not what the runs give, one of them was changed."""
    declare(entry(rule={"stop": "curtail"}))
    lines = [*swept(2, 4, False), *swept(2, 4, True)]
    said = []
    for significant in (True, False):
        decide(tmp_path, significant=significant)
        notes = told(*lines)["tables"]["declared"]["notes"]
        said.append(any("CONTRADICTED by its runs, which give p 0.757" in note for note in notes))
    assert [True, False] == said


@pytest.mark.parametrize(
    ("e", "p", "rejects"), [(25.0, 0.04, True), (20.0, 0.05, True), (0.5, 1.0, False), (None, 1.0, False)]
)
def test_where_an_e_process_decides_it_is_the_test(
    declare: Declare, told: Told, tmp_path: Path, e: float | None, p: float, rejects: bool
) -> None:
    """1/e is the value, and Fisher's is said to describe only; undecided, nothing was shown."""
    declare(entry(rule={"stop": "evalue"}))
    if e is not None:
        decide(tmp_path, e=e, significant=rejects)
    report = told(*swept(0, 3, False), *swept(3, 3, True))
    assert [(pytest.approx(p), rejects)] == [(row["p"], row["rejects"]) for row in declared_rows(report)]
    assert [] != [
        note for note in report["tables"]["declared"]["notes"] if "Fisher's p elsewhere only describes" in note
    ]


def test_results_that_were_there_before_are_not_declared(declare: Declare, told: Told) -> None:
    """A sweep does not make again what is there, by whatever sweep, or by none: then it was known what came out."""
    declare(entry())
    pilot = swept(1, 1, True)[0] | {"run_id": "pilot", "sweep": None, "time": "2026-06-06T10:00:00Z"}
    (head,) = told(pilot, *swept(0, 4, False), *swept(3, 3, True))["head"]
    assert "after the first run of its cells on 2026-06-06 10:00:00; 1 run is of no sweep" in head
