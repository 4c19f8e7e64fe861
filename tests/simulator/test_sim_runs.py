"""Simulated subjects in whole runs: the real loop, tools and gate, over HTTP."""

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.study.calibration.fitting.rehearsal import Rehearsal
from harness.config import BEHAVIOUR_VERSION, ModelConfig, RunConfig, TaskConfig
from harness.outcome import Outcome, PassReason
from harness.record import RunRecord
from harness.runner import run
from harness.simulator import EmbeddedSimulator
from harness.simulator.profiles import PROFILES
from harness.tasks.catalogue import load

pytestmark = pytest.mark.go


def run_of(profile: str, task: str, folder: Path, **changes: Any) -> RunRecord:
    """One run of a simulated subject at a bundled task."""
    model = ModelConfig(name=f"sim-{profile}", profile=profile, endpoint="embedded", seed=changes.pop("seed", None))
    chosen = TaskConfig(name=task, verify=load(task).verify)
    config = RunConfig(model=model, task=chosen, log_dir=str(folder), **changes)
    with EmbeddedSimulator(profile) as simulator:
        return run(config, endpoint=simulator.endpoint)


def turns(folder: Path, record: RunRecord) -> list[list[str]]:
    """What the subject called, turn by turn, from the transcript."""
    lines = (folder / "runs" / record.run_id / "transcript.jsonl").read_text().splitlines()
    replies = [event for event in map(json.loads, lines) if event["event"] == "reply"]
    return [[call["arguments"] for call in reply["tool_calls"]] for reply in replies]


@pytest.mark.parametrize("task", ["reverse", "calc", "graphkit"])
def test_the_oracle_completes_in_one_pass(task: str, tmp_path: Path) -> None:
    """Solution written, done called, gate passed; and the record says that it is simulated."""
    record = run_of("oracle", task, tmp_path)
    assert (Outcome.COMPLETED, 1, True) == (record.outcome, record.passes, record.simulated)
    assert 1 == record.metrics.tool_counts["done"]


def test_a_record_tells_which_version_of_the_subject_made_it(tmp_path: Path) -> None:
    """Its endpoint says the fingerprint of its policy and parameters; the harness adds its own version."""
    record = run_of("nop", "reverse", tmp_path, max_iters=1)
    assert {"fingerprint": PROFILES["nop"].fingerprint} == record.server["model"]["meta"]
    assert BEHAVIOUR_VERSION == record.behaviour


@pytest.mark.parametrize(("profile", "task"), [("oracle", "stuck"), ("nop", "reverse")])
def test_a_control_that_must_not_complete_stagnates(profile: str, task: str, tmp_path: Path) -> None:
    """The oracle at what cannot be satisfied, and the subject that does nothing, at anything."""
    record = run_of(profile, task, tmp_path)
    assert Outcome.STAGNATED is record.outcome
    assert [PassReason.MODEL_STOP] * 4 == record.pass_reasons


@pytest.mark.parametrize("profile", ["resweep", "selective"])
def test_a_coding_subject_completes_a_small_task(profile: str, tmp_path: Path) -> None:
    """With room enough, by its own reading, writing and testing."""
    record = run_of(profile, "reverse", tmp_path, seed=1)
    assert Outcome.COMPLETED is record.outcome
    assert record.metrics.loads > 0
    assert not record.metrics.usage_estimated


def test_a_coding_subject_gives_up_what_cannot_be_satisfied(tmp_path: Path) -> None:
    """It neither completes nor goes round for ever, and no fresh context is a replay of the last."""
    record = run_of("resweep", "stuck", tmp_path, seed=1)
    assert Outcome.STAGNATED is record.outcome
    assert PassReason.MAX_STEPS not in record.pass_reasons
    assert 1 < len({done.peak_tokens for done in record.per_pass[1:]})


def test_a_run_with_the_same_seed_is_the_same_run(tmp_path: Path) -> None:
    """Turn by turn, streamed or not."""
    one, two = tmp_path / "one", tmp_path / "two"
    first = run_of("resweep", "reverse", one, seed=7)
    second = run_of("resweep", "reverse", two, seed=7, stream=True)
    assert turns(one, first) == turns(two, second)
    assert first.metrics.completion_tokens == second.metrics.completion_tokens


def test_a_smaller_budget_only_cuts_off(tmp_path: Path) -> None:
    """The first pass of a run goes the same way until its budget ends it: the subject does not know it."""
    small, large = tmp_path / "small", tmp_path / "large"
    cut = run_of("resweep", "calc", small, seed=5, ctx_limit=3000, max_iters=1)
    whole = run_of("resweep", "calc", large, seed=5, ctx_limit=60000, max_iters=1)
    first = turns(small, cut)
    assert [PassReason.CONTEXT] == cut.pass_reasons
    assert first == turns(large, whole)[: len(first)]


def test_a_rehearsal_goes_as_the_run_does(tmp_path: Path) -> None:
    """Without HTTP and with remembered Go, the same seed leads through the same passes to the same end."""
    record = run_of("resweep", "datakit", tmp_path, seed=5, ctx_limit=8000, max_iters=3, max_steps=60)
    assert record.sampling_seed is not None
    rehearsal, seed = Rehearsal("resweep"), record.sampling_seed
    outcome, tally = rehearsal.run("datakit", 1, seed, ctx_limit=8000, elide_passing=True, max_iters=3)
    assert record.outcome is outcome
    told = [
        [(done.reason, done.steps, done.loads, done.acts, done.read_bytes, done.packages_green) for done in passes]
        for passes in (record.per_pass, tally.per_pass)
    ]
    assert told[0] == told[1]
