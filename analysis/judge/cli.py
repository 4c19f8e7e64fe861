"""`python -m analysis judge …`: what the judge is asked, and what its answers say."""

from collections.abc import Callable

import typer

from analysis.judge.baselines import Bar, make_baseline
from analysis.judge.judging import Wanted, judge_runs
from analysis.judge.model import Asking
from analysis.judge.options import command
from analysis.judge.questions import register
from harness.interrupts import INTERRUPTED, Interrupts

app = typer.Typer(help="Code quality, judged head to head by another model.")
register(app)


@command(app, "run", Asking, Wanted)
def run(asking: Asking, wanted: Wanted) -> int:
    """Judge kept workspaces against a baseline; what is judged already is not asked again."""
    return _interruptible(lambda: judge_runs(wanted, asking.config, typer.echo))


@command(app, "baseline", Asking, Bar)
def baseline(asking: Asking, bar: Bar) -> int:
    """Have a model write the code that subjects of a task are held against, and record it."""
    return _interruptible(lambda: make_baseline(asking, bar, typer.echo))


def _interruptible(work: Callable[[], int]) -> int:
    with Interrupts():
        try:
            return work()
        except KeyboardInterrupt:
            typer.echo("interrupted: what was recorded stays, and the same command goes on", err=True)
            return INTERRUPTED
