"""What the ledger holds is not done again; what it does not hold as a result is."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.ledger import Ledger
from harness.outputs import Outputs
from harness.record import Outcome
from harness.state import Launch
from sweeps.compose import Composer
from sweeps.planned import PlannedRun
from sweeps.resume import finished_keys, left_to_do


def line(outcome: str, cell: str = "aa", replicate: int = 1, **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "cell": cell, "replicate": replicate, **more}


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_result_is_finished(tmp_path: Path, outcome: Outcome) -> None:
    """Faults and interruptions say nothing about the model: their runs are still owed."""
    ledger = Ledger(tmp_path / "runs.jsonl")
    ledger.append(line(outcome.value))
    assert ({("aa", 1)} if outcome.counts else set()) == finished_keys(ledger)


def test_a_later_fault_does_not_undo_a_result(tmp_path: Path) -> None:
    """Every attempt is kept, and one result is enough."""
    ledger = Ledger(tmp_path / "runs.jsonl")
    for outcome in ("fault", "completed", "interrupted"):
        ledger.append(line(outcome))
    assert {("aa", 1)} == finished_keys(ledger)


def test_a_ledger_in_any_state_can_be_read(tmp_path: Path) -> None:
    """No ledger, torn lines, and lines of the original instrument, which know no cells."""
    path = tmp_path / "runs.jsonl"
    assert set() == finished_keys(Ledger(path))
    whole = json.dumps(line("stagnated", replicate=2))
    path.write_text(
        '{"outcome": "comp\n' + '{"outcome": "completed", "model": "old"}\n[1]\n' + whole + "\n" + whole[:20]
    )
    assert {("aa", 2)} == finished_keys(Ledger(path))


def test_a_record_that_a_full_disk_kept_out_of_the_ledger_counts(tmp_path: Path, composer: Composer) -> None:
    """It lies in its run's folder, and is brought in before anything is run again."""
    config = composer(["task=reverse", f"log_dir={tmp_path}"]).run
    folder = Outputs(tmp_path).new_run(config)
    folder.write_record(line("completed", run_id=folder.run_id))
    other = PlannedRun(config, "bb", "other", Launch())
    assert [other] == left_to_do([PlannedRun(config, "aa", "recorded", Launch()), other])
    assert ["aa"] == [one["cell"] for one in Ledger(tmp_path / "runs.jsonl").read()]
