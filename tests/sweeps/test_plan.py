"""A plan is the jobs in their order, each with its cell, none of them twice."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.cell import InputHashes, cell_key
from harness.config import ConfigError, RunConfig
from harness.identity import assignment
from harness.state import Launch
from sweeps.compose import Composer
from sweeps.plan.planner import plan, remembering
from sweeps.plan.run import PlannedRun

LIMITS = st.lists(st.integers(0, 99_999), min_size=1, max_size=4, unique=True)
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def inputs_of(config: RunConfig) -> InputHashes:
    """What the files that a config names hold."""
    return assignment(config).inputs


def planned(composer: Composer, *jobs: str) -> list[PlannedRun]:
    """The plan of jobs, each written as on a command line."""
    return plan([job.split() for job in jobs], composer, inputs_of).runs


@QUICK
@given(limits=LIMITS, memory=st.permutations(["true", "false"]), replicate=st.integers(1, 9))
def test_a_grid_of_one_replicate_keeps_its_order(
    composer: Composer, limits: list[int], memory: list[str], replicate: int
) -> None:
    """Positions count from 1, every run is its job, and no two runs share a cell."""
    grid = list(product(limits, memory, [replicate]))
    runs = planned(composer, *(f"ctx_limit={limit} memory={switch} replicate={r}" for limit, switch, r in grid))
    assert list(range(1, len(grid) + 1)) == [run.launch.position for run in runs]
    levels = [(run.config.ctx_limit, str(run.config.memory).lower(), run.config.replicate) for run in runs]
    assert grid == levels
    assert len(grid) == len({run.cell for run in runs})


@QUICK
@given(limits=LIMITS, count=st.integers(1, 5), first=st.integers(1, 3))
def test_replicates_repeat_every_cell(composer: Composer, limits: list[int], count: int, first: int) -> None:
    """From the replicate given on; replicates share a cell, and nothing else does."""
    runs = planned(composer, *(f"ctx_limit={limit} replicate={first} sweep.replicates={count}" for limit in limits))
    expected = set(product(limits, range(first, first + count)))
    assert expected == {(run.config.ctx_limit, run.config.replicate) for run in runs}
    assert len(expected) == len(runs)
    assert len(limits) == len({(run.config.ctx_limit, run.cell) for run in runs}) == len({run.cell for run in runs})


def test_a_planned_cell_is_that_of_the_run(composer: Composer) -> None:
    """What is remembered across runs is what each run would find by itself."""
    grid = product(("true", "false"), ("calc", "stuck"), (1, 2))
    runs = planned(composer, *(f"memory={switch} task={task} ctx_limit={limit}" for switch, task, limit in grid))
    assert [cell_key(run.config, inputs_of(run.config)) for run in runs] == [run.cell for run in runs]


def test_files_are_read_once_for_many_runs(composer: Composer) -> None:
    """A thousand replicates read a seed once."""
    asked: list[RunConfig] = []

    def counting(config: RunConfig) -> InputHashes:
        asked.append(config)
        return InputHashes("", "", "")

    remembered = remembering(counting)
    for replicate in range(1, 100):
        remembered(composer([f"replicate={replicate}"]).run)
    assert 1 == len(asked)


@pytest.mark.parametrize(
    ("jobs", "labels"),
    [
        (["ctx_limit=9000 memory=True", "ctx_limit=9000 memory=False"], ["memory=true r1", "memory=false r1"]),
        (["sweep.replicates=1"], ["r1"]),
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


@pytest.mark.parametrize("twice", ["model.connect_timeout={}", "log_dir=logs{}", "model.call_timeout={}"])
def test_what_makes_no_cell_makes_no_factor(composer: Composer, twice: str) -> None:
    """Two such runs would be one result counted twice; as replicates they are two."""
    with pytest.raises(ConfigError, match="runs 1 and 3 repeat one cell and replicate"):
        planned(composer, twice.format(1), "ctx_limit=1", twice.format(2))
    runs = planned(composer, *(f"{twice.format(n)} replicate={n}" for n in (1, 2)))
    places = {Launch(runs[0].launch.sweep, run.config.replicate, n) for n, run in enumerate(runs, 1)}
    assert places == {run.launch for run in runs}
