"""`python -m analysis judge …`: what the judge is asked, and what its answers say."""

from collections.abc import Callable

import typer

from analysis.judge.baselines import BaselineRequest, make_baseline
from analysis.judge.judging import JudgeRequest, judge_runs
from analysis.judge.model import JudgeModel
from analysis.judge.options import command
from analysis.judge.questions import register
from harness.interrupts import INTERRUPTED, Interrupts

app = typer.Typer(help="Code quality, judged head to head by another model.")
register(app)


@command(app, "run", JudgeModel, JudgeRequest)
def run(asking: JudgeModel, wanted: JudgeRequest) -> int:
    """Judge kept workspaces against a baseline; what is judged already is not asked again."""
    return _interruptible(lambda: judge_runs(wanted, asking.config, typer.echo))


@command(app, "baseline", JudgeModel, BaselineRequest)
def baseline(asking: JudgeModel, bar: BaselineRequest) -> int:
    """Have a model write the code that subjects of a task are held against, and record it."""
    return _interruptible(lambda: make_baseline(asking, bar, typer.echo))


def _interruptible(work: Callable[[], int]) -> int:
    with Interrupts():
        try:
            return work()
        except KeyboardInterrupt:
            typer.echo("interrupted: what was recorded stays, and the same command goes on", err=True)
            return INTERRUPTED
