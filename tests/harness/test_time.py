"""Runs and servers that take too long: what ends them, and what the record says of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.config import ModelConfig, TaskConfig
from harness.outcome import Outcome, counts_as
from harness.record import RunRecord

from dialects import Say
from lab import DONE, SOLVE, STOP, Lab, turn, use
from scripted import Raw, answer

pytestmark = pytest.mark.go

HANGING = answer(b"", length=9)
LOOK = turn(use("list_dir"))
NOTE = turn(use("write_file", path="notes.txt", content="x"))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path / "logs")


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def told(record: RunRecord) -> tuple[Outcome, list[str], str | None]:
    return record.outcome, record.pass_reasons, record.spent


def test_a_run_out_of_time_has_spent_its_budget(lab: Lab) -> None:
    """The model was answering: the pass under way is cut, and the record says which limit it was."""
    with at_most(20):
        record = lab.run([STOP, LOOK, HANGING], run_timeout=2)
    assert (Outcome.BUDGET, ["model_stop", "run_timeout"], "run_timeout") == told(record)
    assert (4, None, 2) == (record.outcome.exit_code, record.fault, record.metrics.model_calls)


def test_time_that_ends_in_the_first_pass_is_a_budget_too(lab: Lab) -> None:
    """One answer is enough to know that the model had its time."""
    assert (Outcome.BUDGET, ["run_timeout"], "run_timeout") == told(lab.run([LOOK, HANGING], run_timeout=1))


@pytest.mark.parametrize("replies", [[STOP, HANGING], [LOOK, STOP, STOP, HANGING]], ids=["second pass", "third pass"])
def test_time_that_ends_in_the_first_call_of_a_later_pass_is_a_budget(lab: Lab, replies: list[Say | Raw]) -> None:
    """The run was answered before, whatever the step within the pass."""
    record = lab.run(replies, run_timeout=3)
    expected = ["model_stop"] * (replies.count(STOP)) + ["run_timeout"]
    assert (Outcome.BUDGET, expected, "run_timeout") == told(record)
    assert ("budget", None) == (counts_as(record.outcome, record.pass_reasons), record.fault)


def test_time_that_ends_before_any_answer_is_a_fault(lab: Lab) -> None:
    """Nothing is known about the model, and the record says why."""
    record = lab.run([HANGING], run_timeout=1)
    assert (Outcome.FAULT, ["error"], None) == told(record)
    assert "the time of the run is up (run_timeout)" in str(record.fault)


def test_work_that_is_done_when_time_ends_counts(lab: Lab) -> None:
    """What is there is still verified, as after every pass."""
    record = lab.run([SOLVE, HANGING], run_timeout=2)
    assert (Outcome.COMPLETED, ["run_timeout"], None) == told(record)


def test_time_between_passes_ends_a_run_too(lab: Lab, tmp_path: Path) -> None:
    """A pass that ended by itself keeps its reason; it is the gate that took its time."""
    (tmp_path / "PROMPT.md").write_text("Write a note.")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "slow.sh").write_text("sleep 3; exit 1")
    task = TaskConfig("folder", str(tmp_path / "PROMPT.md"), str(tmp_path / "mine"), "sh slow.sh")
    record = lab.run([NOTE, STOP, STOP], task=task, run_timeout=3)
    assert (Outcome.BUDGET, ["model_stop"], "run_timeout") == told(record)


def test_out_of_passes_says_so(lab: Lab) -> None:
    """The record tells one budget from the other."""
    assert (Outcome.BUDGET, ["model_stop"], "max_iters") == told(lab.run([STOP], max_iters=1, run_timeout=60))


def test_no_limit_is_no_limit(lab: Lab) -> None:
    """By default a run takes as long as it takes."""
    assert (Outcome.COMPLETED, ["completed"], None) == told(lab.run([SOLVE, DONE]))


def test_a_stall_costs_a_pass_and_not_the_run(lab: Lab) -> None:
    """The next pass asks anew."""
    model = ModelConfig(name="scripted", call_timeout=0.5)
    assert (Outcome.COMPLETED, ["error", "completed"], None) == told(lab.run([HANGING, SOLVE, DONE], model=model))


@pytest.mark.parametrize("begun", [[], [NOTE, STOP]], ids=["from the first pass", "later"])
def test_a_server_that_hangs_is_never_a_stuck_model(lab: Lab, begun: list[object]) -> None:
    """Passes that only waited say nothing about the model, even after one that ran."""
    model = ModelConfig(name="scripted", call_timeout=0.3)
    with at_most(20):
        record = lab.run([*begun, *[HANGING] * 20], model=model)
    assert Outcome.FAULT is record.outcome
    assert "no whole reply within 0.3 s (model.call_timeout)" in str(record.fault)
