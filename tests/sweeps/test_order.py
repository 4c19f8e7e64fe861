"""The order of a sweep: every arm in every block, shuffled by a seed that is declared."""

from collections import Counter
from dataclasses import replace
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from harness.config import ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.state import Launch
from sweeps.plan.order import in_order, restarts
from sweeps.plan.run import PlannedRun

CELLS = st.lists(st.text("abcdef", min_size=1), min_size=1, max_size=5, unique=True)
COUNT = st.integers(2, 5)
SEEDS = st.integers(0, 99)


def run(cell: str, replicate: int = 1, model: str = "m", endpoint: str = "http://one") -> PlannedRun:
    config = RunConfig(ModelConfig(name=model, endpoint=endpoint), TaskConfig(name="reverse"), replicate=replicate)
    return PlannedRun(config, f"{cell} of {model}", cell, Launch("pilot"))


def grid(cells: list[str], count: int, *models: str, endpoint: str = "http://one") -> list[PlannedRun]:
    return [run(cell, r, model, endpoint) for model in models or "m" for cell in cells for r in range(1, count + 1)]


@given(cells=CELLS, count=COUNT, seed=SEEDS)
def test_every_block_holds_every_arm_once(cells: list[str], count: int, seed: int) -> None:
    """Blocks follow one another whole, are numbered as their replicate, and lose and double no run."""
    ordered = in_order(grid(cells, count), seed)
    assert list(range(1, len(ordered) + 1)) == [run.launch.position for run in ordered]
    blocks = [(block, list(runs)) for block, runs in groupby(ordered, lambda run: run.launch.block)]
    assert list(range(1, count + 1)) == sorted(block for block, _ in blocks if block)
    for block, runs in blocks:
        assert {block} == {run.config.replicate for run in runs}
        assert Counter(cells) == Counter(run.label for run in runs)


@given(cells=CELLS, count=COUNT, seed=SEEDS)
def test_a_sweep_that_grows_keeps_the_order_of_what_it_had(cells: list[str], count: int, seed: int) -> None:
    """A further arm and a further replicate come in between, and move nothing."""
    before = in_order(grid(cells, count), seed)
    after = in_order(grid([*cells, "new"], count + 1), seed)
    known = {run.key for run in before}
    assert [run.key for run in before] == [run.key for run in after if run.key in known]


def test_the_seed_decides_the_order() -> None:
    """The same seed is the same order whatever the grid's; over seeds every arm comes first about as often."""
    runs = grid(["a", "b", "c"], 2)
    assert in_order(runs, 7) == in_order(runs[::-1], 7)
    firsts = Counter(in_order(runs, seed)[0].label for seed in range(300))
    assert [True] * 3 == [60 <= firsts[cell] <= 140 for cell in "abc"]
    assert {1, 2} == {in_order(runs, seed)[0].launch.block for seed in range(20)}


def test_one_replicate_is_one_block_in_its_own_order() -> None:
    """Nothing is repeated, so nothing is shuffled: a grid reads as it was written."""
    ordered = in_order(grid(["c", "a", "b"], 1), 5)
    assert [("c", 1, 1), ("a", 1, 2), ("b", 1, 3)] == [
        (run.label, run.launch.block, run.launch.position) for run in ordered
    ]


@given(cells=CELLS, count=st.integers(1, 4), seed=SEEDS)
def test_models_of_one_server_are_swapped_once(cells: list[str], count: int, seed: int) -> None:
    """All runs of a model come together, arms still interleaved in blocks of that model."""
    ordered = in_order(grid(cells, count, "x", "y"), seed)
    models = [model for model, _ in groupby(ordered, lambda run: run.config.model.name)]
    assert ["x", "y"] == sorted(models)
    blocks = [len(list(runs)) for _, runs in groupby(ordered, lambda run: (run.config.model.name, run.launch.block))]
    assert [len(cells)] * 2 * count == blocks


def test_models_that_need_no_swap_are_arms_like_any_other() -> None:
    """Embedded subjects, and models at endpoints of their own: a block holds them all."""
    apart = [run("a", r, model, f"http://{model}") for model in "xy" for r in (1, 2)]
    simulated = ModelConfig(name="s", endpoint="embedded", profile="nop")
    embedded = [
        replace(one, config=replace(one.config, model=replace(simulated, name=one.config.model.name))) for one in apart
    ]
    for runs in (apart, embedded):
        blocks = groupby(in_order(runs, 1), lambda run: run.launch.block)
        assert [["x", "y"]] * 2 == [sorted(run.config.model.name for run in block) for _, block in blocks]


@given(arms=st.integers(1, 4), cells=CELLS, count=COUNT, seed=SEEDS)
def test_runs_that_share_a_server_are_made_together(arms: int, cells: list[str], count: int, seed: int) -> None:
    """Blocks stay whole, and a server is started at most once for each arm of each block."""
    runs = [
        replace(
            one, config=replace(one.config, server=ServerConfig(True, "serve", args=f"-n {arm}")), cell=f"{cell}{arm}"
        )
        for cell in cells
        for arm in range(arms)
        for one in (run(cell, replicate) for replicate in range(1, count + 1))
    ]
    ordered = in_order(runs, seed)
    assert sorted(one.key for one in runs) == sorted(one.key for one in ordered)
    for _, block in groupby(ordered, lambda one: one.launch.block):
        assert arms == len(list(groupby(block, lambda one: one.config.server.args)))
    assert arms + (count - 1) * max(arms - 1, 0) == restarts(ordered)
