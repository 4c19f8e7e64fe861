"""A plan is the jobs in their order, each with its cell, none of them twice."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.config import ConfigError, Inputs, RunConfig, cell_key
from harness.identity import assignment
from harness.state import Launch
from sweeps.compose import Composer
from sweeps.plan import PlannedRun, plan, remembering

LIMITS = st.lists(st.integers(0, 99_999), min_size=1, max_size=4, unique=True)
REPLICATES = st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True)
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def inputs_of(config: RunConfig) -> Inputs:
    """What the files that a config names hold."""
    return assignment(config).inputs


def planned(composer: Composer, *jobs: str) -> list[PlannedRun]:
    """The plan of jobs, each written as on a command line."""
    return plan([job.split() for job in jobs], composer, inputs_of)


@QUICK
@given(limits=LIMITS, replicates=REPLICATES, memory=st.permutations(["true", "false"]))
def test_a_grid_is_planned_in_its_order(
    composer: Composer, limits: list[int], replicates: list[int], memory: list[str]
) -> None:
    """Positions count from 1; every run is its job; runs share a cell exactly if they differ in the replicate alone."""
    grid = list(product(limits, memory, replicates))
    runs = planned(composer, *(f"ctx_limit={limit} memory={switch} replicate={r}" for limit, switch, r in grid))
    assert list(range(1, len(grid) + 1)) == [run.launch.position for run in runs]
    levels = [(run.config.ctx_limit, str(run.config.memory).lower(), run.config.replicate) for run in runs]
    assert grid == levels
    for (one, left), (two, right) in product(zip(grid, runs, strict=True), repeat=2):
        assert (one[:2] == two[:2]) == (left.cell == right.cell)
    assert len(grid) == len({run.key for run in runs})


def test_a_planned_cell_is_that_of_the_run(composer: Composer) -> None:
    """What is remembered across runs is what each run would find by itself."""
    grid = product(("true", "false"), ("calc", "stuck"), (1, 2))
    runs = planned(composer, *(f"memory={switch} task={task} ctx_limit={limit}" for switch, task, limit in grid))
    assert [cell_key(run.config, inputs_of(run.config)) for run in runs] == [run.cell for run in runs]


def test_files_are_read_once_for_many_runs(composer: Composer) -> None:
    """A thousand replicates read a seed once."""
    asked: list[RunConfig] = []

    def counting(config: RunConfig) -> Inputs:
        asked.append(config)
        return Inputs("", "", "")

    remembered = remembering(counting)
    for replicate in range(1, 100):
        remembered(composer([f"replicate={replicate}"]).run)
    assert 1 == len(asked)


@pytest.mark.parametrize(
    ("jobs", "labels"),
    [
        (["ctx_limit=9000 memory=True", "ctx_limit=9000 memory=False"], ["memory=true r1", "memory=false r1"]),
        (["replicate=1", "replicate=2"], ["r1", "r2"]),
        (["ctx_limit=9000"], ["r1"]),
    ],
)
def test_a_label_names_only_what_varies(composer: Composer, jobs: list[str], labels: list[str]) -> None:
    """The task, the levels of the varying factors, the replicate."""
    assert [f"apikit {label}" for label in labels] == [run.label for run in planned(composer, *jobs)]


@pytest.mark.parametrize(
    ("jobs", "name"),
    [
        (["ctx_limit=1 memory=true", "ctx_limit=2 memory=false"], "apikit:ctx_limit,memory"),
        (["task=calc replicate=1", "task=stuck replicate=1"], "task"),
        (["task=calc"], "calc"),
        (["sweep.name=pilot replicate=1", "sweep.name=pilot replicate=2"], "pilot"),
    ],
)
def test_a_sweep_has_a_name(composer: Composer, jobs: list[str], name: str) -> None:
    """The one given, else one made of the task and the factors: the same whenever the sweep is resumed."""
    assert {name} == {run.launch.sweep for run in planned(composer, *jobs)}


@pytest.mark.parametrize("twice", ["model.seed={}", "log_dir=logs{}", "model.read_timeout={}"])
def test_what_makes_no_cell_makes_no_factor(composer: Composer, twice: str) -> None:
    """Two such runs would be one result counted twice; as replicates they are two."""
    with pytest.raises(ConfigError, match="runs 1 and 3 repeat one cell and replicate"):
        planned(composer, twice.format(1), "ctx_limit=1", twice.format(2))
    runs = planned(composer, *(f"{twice.format(n)} replicate={n}" for n in (1, 2)))
    assert [Launch(sweep=runs[0].launch.sweep, position=n) for n in (1, 2)] == [run.launch for run in runs]
