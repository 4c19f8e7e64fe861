"""Whatever goes wrong in one run stays there."""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.outcome import Outcome
from harness.state import Launch
from sweeps.launcher import SequentialExecutor
from sweeps.plan.run import PlannedRun
from sweeps.progress.claims import NoClaims
from sweeps.progress.display import LineDisplay, RunSummary

CONFIG = RunConfig(model=ModelConfig(name="any"), task=TaskConfig(name="reverse"))


def runs(count: int) -> list[PlannedRun]:
    return [PlannedRun(CONFIG, str(n), f"run {n}", Launch("pilot", None, n)) for n in range(1, count + 1)]


class Misbehaving:
    """Carries out runs as its script says: an outcome is returned, anything else is done."""

    def __init__(self, *script: Outcome | Callable[[], object]) -> None:
        self.script = list(script)
        self.launches: list[Launch] = []

    def __call__(self, _config: RunConfig, *, launch: Launch, **_: object) -> Any:
        self.launches.append(launch)
        step = self.script.pop(0)
        outcome = step if isinstance(step, Outcome) else step()
        told = {"outcome": outcome, "passes": 2, "duration_sec": 30.0, "pass_reasons": []}
        return SimpleNamespace(as_dict=lambda: told | {"fault": "no server" * (outcome == "fault")})


def raising(error: BaseException) -> Callable[[], object]:
    def step() -> object:
        raise error

    return step


OK, FAULT = Outcome.COMPLETED, Outcome.FAULT


def launched(*script: Outcome | Callable[[], object], recorded: int = 0) -> tuple[int, Misbehaving, list[str]]:
    """Exit code, the runs that were started, and the lines that were shown."""
    lines: list[str] = []
    run = Misbehaving(*script)
    progress = LineDisplay(len(script) + recorded, recorded, lines.append)
    return (
        SequentialExecutor(run, lambda config: nullcontext(config.model.endpoint), progress, NoClaims()).launch(
            [runs(len(script))] if script else []
        ),
        run,
        lines,
    )


@pytest.mark.parametrize(
    "broken",
    [raising(RuntimeError("out of luck")), raising(SystemExit(3)), lambda: sys.exit("out of luck"), lambda: 1 / 0],
)
def test_a_run_that_breaks_costs_no_other(broken: Callable[[], object]) -> None:
    """An exception or sys.exit ends its run as a fault that is told; the others go on, and the sweep says 1."""
    code, run, lines = launched(OK, broken, OK)
    assert (1, 3) == (code, len(run.launches))
    assert "fault" in lines[1]
    assert "done: 2 of 3 runs have a result, 1 ended in a fault; the same command goes on from here" == lines[-1]


@pytest.mark.parametrize("how", [raising(KeyboardInterrupt()), Outcome.INTERRUPTED])
def test_an_interrupt_stops_the_sweep_in_one_line(how: Outcome | Callable[[], object]) -> None:
    """Whether the run could still record it or not: nothing further is started, and the exit code is 130."""
    code, run, lines = launched(OK, how, OK)
    assert (130, 2) == (code, len(run.launches))
    assert "interrupted: 1 of 3 runs have a result; the same command goes on from here" == lines[-1]


def test_three_faults_in_a_row_stop_the_sweep() -> None:
    """What failed three times would burn every other cell; the reason is told."""
    code, run, lines = launched(OK, FAULT, FAULT, FAULT, OK)
    assert (1, 4) == (code, len(run.launches))
    assert lines[-1].startswith("stopped after 3 faults in a row: 1 of 5 runs")
    assert lines[-1].endswith("no server")


def test_faults_between_results_do_not_stop_a_sweep() -> None:
    """The server does answer."""
    code, run, _ = launched(FAULT, FAULT, OK, FAULT, FAULT, Outcome.STAGNATED)
    assert (1, 6) == (code, len(run.launches))


def test_every_result_is_a_success_of_the_sweep() -> None:
    """Stagnation and a spent budget are findings, not failures."""
    code, run, lines = launched(OK, Outcome.STAGNATED, Outcome.BUDGET)
    assert 0 == code
    assert [planned.launch for planned in runs(3)] == run.launches
    assert "done: 3 of 3 runs have a result" == lines[-1]


def test_nothing_left_to_do_is_said() -> None:
    """A sweep that is done starts nothing."""
    code, run, lines = launched(recorded=6)
    assert (0, [], ["nothing left to do: 6 of 6 runs have a result"]) == (code, run.launches, lines)


def test_a_line_tells_place_run_outcome_and_time_left() -> None:
    """The estimate is the mean of the runs seen, times those that are left."""
    _, _, lines = launched(OK, Outcome.STAGNATED, FAULT, OK, recorded=2)
    assert [
        "[3/6] run 1  completed  2 passes  30 s  about 1.5 min left",
        "[4/6] run 2  stagnated  2 passes  30 s  about 60 s left  the last passes changed nothing",
        "[5/6] run 3  fault  2 passes  30 s  about 30 s left  no server",
        "[6/6] run 4  completed  2 passes  30 s",
    ] == lines[:4]


@pytest.mark.parametrize(
    ("counters", "words"),
    [
        ({}, None),
        ({"salvaged_calls": {}, "unparsed_calls": 0}, None),
        ({"salvaged_calls": {"hermes": 2, "args_list": 1}}, "calls read with leniency: args_list ×1, hermes ×2"),
        ({"unparsed_calls": 3}, "3 calls not understood: the instrument may be at fault, not the model"),
    ],
)
def test_the_line_of_a_run_says_what_was_not_understood(counters: dict[str, object], words: str | None) -> None:
    """Calls that the instrument could not read, or only with leniency, are on the screen and not only in the record."""
    line = {"outcome": "completed", "passes": 3, "duration_sec": 1.0, "fault": None, "pass_reasons": ["completed"]}
    assert words == RunSummary.of(line | counters).reason
