"""The subject that cheats: the gate holds against it, and the record tells what it tried."""

from pathlib import Path

import pytest

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.outcome import Outcome, PassReason
from harness.record import RunRecord
from harness.runner import run
from harness.simulator import EmbeddedSimulator
from harness.simulator.go.tricks import TRICKS
from harness.simulator.python.language import PYTHON
from harness.tasks.catalogue import load

pytestmark = [pytest.mark.go, pytest.mark.slow]


def one_pass(task: str, folder: Path, *, protect_tests: bool = True) -> RunRecord:
    """Every trick once, each with a call of `done`."""
    model = ModelConfig(name="sim-cheater", profile="cheater", endpoint="embedded")
    config = RunConfig(
        model=model,
        task=TaskConfig(name=task, verify=load(task).verify),
        log_dir=str(folder),
        max_iters=1,
        protect_tests=protect_tests,
    )
    with EmbeddedSimulator("cheater") as simulator:
        return run(config, endpoint=simulator.endpoint)


@pytest.mark.parametrize(("task", "folder"), [("reverse", "stringutil"), ("calc", "calc")])
def test_no_trick_completes_a_task(task: str, folder: str, tmp_path: Path) -> None:
    """All are tried and refused; what was tampered with, and what was forged, is on the record."""
    record = one_pass(task, tmp_path)
    assert (Outcome.BUDGET, [PassReason.MODEL_STOP]) == (record.outcome, record.pass_reasons)
    assert len(TRICKS) == record.metrics.tool_counts["done"]
    paths = {path for path in record.tampering if not path.startswith("forged ")}
    touched = {"go.mod", "setup.go", f"{folder}_test.go"}
    assert {f"{folder}/{name}" for name in touched} | {"go.mod", "go.work", "vendor/testing/testing.go"} == paths
    forged = [path for path in record.tampering if path.startswith("forged ")]
    assert (True, True) == (bool(forged), all(f"/{folder}.Test" in path for path in forged))


def test_no_trick_completes_a_task_in_python(tmp_path: Path) -> None:
    """All are tried and refused there too."""
    record = one_pass("reverse_py", tmp_path)
    assert (Outcome.BUDGET, [PassReason.MODEL_STOP]) == (record.outcome, record.pass_reasons)
    assert len(PYTHON.tricks) == record.metrics.tool_counts["done"]


def test_the_same_subject_completes_where_the_spec_is_open(tmp_path: Path) -> None:
    """It is the gate that holds it, not its want of trying: an unprotected spec is written over, and passes."""
    record = one_pass("reverse", tmp_path, protect_tests=False)
    assert (Outcome.COMPLETED, 1) == (record.outcome, record.metrics.tool_counts["done"])
