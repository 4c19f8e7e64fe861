"""What the ledger holds is not done again; what it does not hold as a result is."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.cell import derived_seed
from harness.ledger import Ledger
from harness.outcome import Outcome
from harness.outputs import Outputs
from harness.state import Launch
from sweeps.compose import Composer
from sweeps.plan.run import PlannedRun
from sweeps.progress.history import RunHistory, SweepHistory
from sweeps.schema import Retry


def history(path: Path) -> RunHistory:
    seen = RunHistory(Ledger(path))
    seen.look()
    return seen


def line(outcome: str, cell: str = "aa", replicate: int = 1, **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "cell": cell, "replicate": replicate, **more}


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_result_is_finished(tmp_path: Path, outcome: Outcome) -> None:
    """Faults and interruptions say nothing about the model: their runs are still owed."""
    ledger = Ledger(tmp_path / "runs.jsonl")
    ledger.append(line(outcome.value))
    assert ({("aa", 1)} if outcome.counts else set()) == history(ledger.path).finished


@pytest.mark.parametrize(("last", "owed"), [("error", True), ("context", False)])
def test_what_was_given_up_as_its_server_failed_is_a_fault(tmp_path: Path, last: str, owed: bool) -> None:
    """Whatever its outcome is called: the analysis counts it as one, and the sweep makes it again."""
    ledger = Ledger(tmp_path / "runs.jsonl")
    ledger.append(line("stagnated", pass_reasons=["context", last]))
    assert owed is history(ledger.path).unfinished(("aa", 1), Retry.all)


def test_a_later_fault_does_not_undo_a_result(tmp_path: Path) -> None:
    """Every attempt is kept, and one result is enough."""
    ledger = Ledger(tmp_path / "runs.jsonl")
    for outcome in ("fault", "completed", "interrupted"):
        ledger.append(line(outcome))
    assert {("aa", 1)} == history(ledger.path).finished


def test_a_ledger_in_any_state_can_be_read(tmp_path: Path) -> None:
    """No ledger, torn lines, and lines of the original instrument, which know no cells."""
    path = tmp_path / "runs.jsonl"
    assert set() == history(path).finished
    whole = json.dumps(line("stagnated", replicate=2))
    path.write_text(
        '{"outcome": "comp\n' + '{"outcome": "completed", "model": "old"}\n[1]\n' + whole + "\n" + whole[:20]
    )
    assert {("aa", 2)} == history(path).finished


def test_a_record_that_a_full_disk_kept_out_of_the_ledger_counts(tmp_path: Path, composer: Composer) -> None:
    """It lies in its run's folder, and is owed no more once it was brought in."""
    config = composer(["task=reverse", f"log_dir={tmp_path}"]).run
    folder = Outputs(tmp_path).new_run(config)
    folder.write_record(line("completed", run_id=folder.run_id))
    other = PlannedRun(config, "bb", "other", Launch())
    Outputs(tmp_path).recover()
    runs = [PlannedRun(config, "aa", "recorded", Launch()), other]
    assert [other] == SweepHistory({config.log_dir}).unfinished(runs, Retry.all)
    assert ["aa"] == [one["cell"] for one in Ledger(tmp_path / "runs.jsonl").read()]


@pytest.mark.parametrize(
    ("tried", "again"),
    [
        ([], {Retry.all, Retry.faults, Retry.none}),
        (["fault"], {Retry.all, Retry.faults}),
        (["interrupted"], {Retry.all}),
        (["fault", "interrupted"], {Retry.all}),
        (["interrupted", "fault"], {Retry.all, Retry.faults}),
        (["fault", "completed"], set()),
        (["completed", "fault"], set()),
    ],
)
def test_what_is_run_again_is_decided_by_how_it_last_ended(tmp_path: Path, tried: list[str], again: set[Retry]) -> None:
    """What was never recorded is always owed, a result never; the attempts in vain are all remembered."""
    for outcome in tried:
        Ledger(tmp_path / "runs.jsonl").append(line(outcome))
    seen = history(tmp_path / "runs.jsonl")
    assert again == {retry for retry in Retry if seen.unfinished(("aa", 1), retry)}
    assert [outcome for outcome in tried if outcome != "completed"] == seen.tried.get(("aa", 1), [])


def test_a_history_follows_a_ledger_that_grows(tmp_path: Path) -> None:
    """Each look takes in what came since, a torn tail once it is healed and never twice."""
    path = tmp_path / "runs.jsonl"
    seen = history(path)
    Ledger(path).append(line("fault"))
    seen.look()
    with path.open("a") as file:
        file.write('{"outcome": "fault", "cell": "aa", "repli')
    seen.look()
    Ledger(path).append(line("completed", "bb"))
    seen.look()
    seen.look()
    assert ({("aa", 1): ["fault"]}, {("bb", 1)}) == (seen.tried, seen.finished)


def test_old_runs_of_one_seed_are_made_again(tmp_path: Path) -> None:
    """Older seeded runs carry the cell of unseeded ones, and all replicates share a seed: they are no result."""
    own = {"cell": "c", "outcome": "completed", "simulated": False}
    lines = [
        own | {"replicate": 1, "sampling_seed": 7},
        own | {"replicate": 2, "sampling_seed": None},
        own | {"replicate": 3, "sampling_seed": derived_seed(7, 3), "transcript_sha256": "a"},
        own | {"replicate": 4, "sampling_seed": derived_seed("c", 4), "simulated": True},
        own | {"replicate": 5},
    ]
    for line in lines:
        Ledger(tmp_path / "runs.jsonl").append(line)
    assert {2, 3, 4, 5} == {replicate for _, replicate in history(tmp_path / "runs.jsonl").finished}
