"""A run is confined as its config asks, or it does not start."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cell import InputHashes, cell_key
from harness.checks import prepare
from harness.config import ConfigError, Confinement, ModelConfig, RunConfig, TaskConfig
from harness.sandbox.select import settle

from lab import DONE, SOLVE, STOP, Lab, turn, use

ELSEWHERE = Confinement.landlock if sys.platform == "darwin" else Confinement.sandbox_exec
"""A kind of another system."""


def test_the_record_tells_what_confined_the_run(lab: Lab) -> None:
    """Of `auto`, the kind that was found to work; where none was asked for, none."""
    assert (settle("auto"), "none") == (
        lab.run([STOP], max_iters=1).sandbox,
        lab.run([STOP], max_iters=1, sandbox=Confinement.none).sandbox,
    )


@pytest.mark.parametrize("kind", [one for one in Confinement if one is not ELSEWHERE])
def test_a_run_completes_in_every_sandbox(lab: Lab, kind: Confinement) -> None:
    """The tools and the gate work the same in each that works here."""
    build = turn(use("go", args=["build", "./..."]))
    try:
        record = lab.run([SOLVE, build, DONE], sandbox=kind)
    except ConfigError as error:
        pytest.skip(str(error))
    assert ("completed", settle(kind.value)) == (record.outcome.value, record.sandbox)
    assert "no output" in lab.results()[1]


def test_one_that_does_not_work_is_told_before_anything_starts(lab: Lab) -> None:
    """A sandbox that was asked for by name is never replaced by a weaker one."""
    with pytest.raises(ConfigError, match=f"^sandbox={ELSEWHERE.value} does not work here: "):
        lab.run([], sandbox=ELSEWHERE)
    assert not (lab.folder / "runs.jsonl").exists()


def test_confinement_is_no_factor() -> None:
    """Runs with and without a sandbox share a cell: what is measured is the same."""
    config = RunConfig(model=ModelConfig(name="m"), task=TaskConfig(name="reverse"))
    confined = replace(config, sandbox=Confinement.bwrap)
    inputs = InputHashes("a", "b", "c")
    assert cell_key(config, inputs) == cell_key(confined, inputs)


def test_a_sweep_is_checked_for_it_first(tmp_path: Path) -> None:
    """The check that a sweep makes of every run finds it."""
    config = RunConfig(model=ModelConfig(name="m"), task=TaskConfig(name="reverse"), log_dir=str(tmp_path))
    with pytest.raises(ConfigError, match="does not work here"):
        prepare(replace(config, sandbox=ELSEWHERE))
