"""`python -m analysis judge …`: what the judge is asked, and what its answers say."""

import typer

from analysis.judge.judging import Wanted, judge_runs
from analysis.judge.model import Asking
from analysis.judge.options import command
from harness.interrupts import Interrupts

app = typer.Typer(help="Code quality, judged head to head by another model.")

INTERRUPTED = 130


@command(app, "run", Asking, Wanted)
def run(asking: Asking, wanted: Wanted) -> int:
    """Judge kept workspaces against a baseline; what is judged already is not asked again."""
    with Interrupts():
        try:
            return judge_runs(wanted, asking.config, typer.echo)
        except KeyboardInterrupt:
            typer.echo("interrupted: what was judged is recorded, and the same command goes on", err=True)
            return INTERRUPTED
