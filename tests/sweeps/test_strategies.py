"""What every strategy keeps to, whatever comes out of the runs that it asks for."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from harness.cell import InputHashes
from harness.ledger import Ledger
from sweeps.compose import Composer
from sweeps.plan.planner import plan
from sweeps.progress.history import SweepHistory
from sweeps.strategies.base import GridStrategy, Strategy, StrategyOf, batches
from sweeps.strategies.contrast import ContrastStrategy
from sweeps.strategies.threshold import ThresholdSearch

ARMS = [["memory=true"], ["memory=false"]]
LIMITS = [[f"ctx_limit={limit}"] for limit in range(7000, 14000, 1000)]

STRATEGIES: dict[str, tuple[StrategyOf, list[list[str]]]] = {
    "grid": (GridStrategy, [[*arm, "sweep.replicates=8"] for arm in ARMS]),
    "contrast": (ContrastStrategy, [[*arm, "sweep.replicates=8"] for arm in ARMS]),
    "evalue": (ContrastStrategy, [[*arm, "sweep.replicates=8", "sweep.stop=evalue"] for arm in ARMS]),
    "floor": (ThresholdSearch, [[*limit, "sweep.budget=12"] for limit in LIMITS]),
}

OUTCOMES = ["completed", "stagnated", "budget"]


class Unseen:
    """Progress that nobody looks at."""

    def expects(self, total: int) -> None: ...

    def say(self, line: str) -> None: ...


@pytest.fixture(params=STRATEGIES)
def made(request: pytest.FixtureRequest, composer: Composer, tmp_path: Path) -> Callable[[], Strategy]:
    """Makes the same strategy again and again, over one ledger."""
    strategy_of, jobs = STRATEGIES[request.param]
    common = [f"log_dir={tmp_path}", "task=reverse", "model=nop"]
    return lambda: strategy_of(plan([[*common, *job] for job in jobs], composer, lambda _: InputHashes("", "", "")))


def carry_out(strategy: Strategy, folder: Path, outcome: Callable[[], str], most: int = 1000) -> list[tuple[str, int]]:
    """A launch: what is asked for is recorded as run; the keys, in order."""
    ledger, keys = Ledger(folder / "runs.jsonl"), []
    progress: object = Unseen()
    for batch in batches(strategy, SweepHistory({str(folder)}), progress):  # type: ignore[arg-type]
        for run in batch[: most - len(keys)]:
            ledger.append({"cell": run.cell, "replicate": run.config.replicate, "outcome": outcome()})
            keys.append(run.key)
        if len(keys) == most:
            break
    return keys


@pytest.mark.parametrize("seed", range(4))
def test_a_launch_ends_with_every_result_that_it_expects(
    made: Callable[[], Strategy], tmp_path: Path, seed: int
) -> None:
    """No run is asked for twice, and nobody who looks at the same ledger has anything left to ask for."""
    random = Random(seed)
    keys = carry_out(made(), tmp_path, lambda: random.choice(OUTCOMES))
    status = made().status(SweepHistory({str(tmp_path)}), made=())
    assert len(set(keys)) == len(keys)
    assert (len(keys), len(keys), [], []) == (status.finished, status.total, status.remaining, status.next_runs)
    assert [] == carry_out(made(), tmp_path, lambda: "completed")


def test_what_is_next_follows_from_the_ledger_alone(made: Callable[[], Strategy], tmp_path: Path) -> None:
    """Stopped after every single run and started anew, a sweep makes the same runs in the same order."""
    (whole := tmp_path / "whole").mkdir()
    random = Random(7)
    outcomes = [random.choice(OUTCOMES) for _ in range(100)]
    undisturbed = _launches(made, tmp_path, outcomes, most=1000)
    (tmp_path / "runs.jsonl").rename(whole / "runs.jsonl")
    assert undisturbed == _launches(made, tmp_path, outcomes, most=1)


def _launches(made: Callable[[], Strategy], folder: Path, outcomes: list[str], most: int) -> list[tuple[str, int]]:
    """As many launches as it takes, each of so many runs at most."""
    following = iter(outcomes)
    keys: list[tuple[str, int]] = []
    while more := carry_out(made(), folder, lambda: next(following), most):
        keys += more
    return keys


def test_a_launch_of_faults_ends(made: Callable[[], Strategy], tmp_path: Path) -> None:
    """None of them is made again in the same launch, none of them is a result, and the next launch asks again."""
    keys = carry_out(made(), tmp_path, lambda: "fault", most=40)
    status = made().status(SweepHistory({str(tmp_path)}), made=())
    assert len(set(keys)) == len(keys)
    assert (0, True) == (status.finished, status.total > 0)
    assert status.next_runs[0].key in keys
