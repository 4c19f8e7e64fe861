"""`harness judge …`: judgments, baselines, and the tables made of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from analysis.command import LEDGERS, RunSelection, command, over_nothing, over_runs
from analysis.judge import HELP
from analysis.judge.agreement import agreement_report
from analysis.judge.baselines import BaselineRequest, make_baseline
from analysis.judge.gaps import gaps_report
from analysis.judge.judge_run import JudgeRequest, judge_runs
from analysis.judge.judgments import beside, read
from analysis.judge.model import JudgeModel
from analysis.judge.pairs import SelectedPairs, choose, grouping
from analysis.judge.plots import draw
from analysis.judge.signals_report import folders_report, runs_report
from analysis.records.where import RunFilter
from analysis.render import CommandReport
from harness.interrupts import INTERRUPTED, Interrupts

app = typer.Typer(help=HELP)

From = Annotated[
    list[Path], typer.Option("--judgments", help="A file of judgments; by default those beside the ledgers.")
]
NONE: list[Path] = []


@over_runs(app)
def table(
    selection: RunSelection,
    judgments: From = NONE,
    by: Annotated[str, typer.Option("--by", help="Factors of the runs to group by, and passes, outcome.")] = "",
    each: Annotated[bool, typer.Option("--each", help="Every pair too, with its flags.")] = False,
) -> CommandReport:
    """Gaps between subjects and their baselines, by arm and dimension."""
    names = grouping(by)
    return gaps_report(_chosen(selection, judgments), names, each=each)


@over_runs(app)
def agreement(selection: RunSelection, judgments: From = NONE) -> CommandReport:
    """Show how far the judge agrees with itself over sessions, and whether it favours a position."""
    return agreement_report(_chosen(selection, judgments))


@over_runs(app)
def signals(
    selection: RunSelection,
    folders: Annotated[list[Path] | None, typer.Argument(help="Go modules; without any, what the runs kept.")] = None,
) -> CommandReport:
    """Count what tools alone find in code: gofmt, go vet, modernizers, size. No model is asked, and nothing is run."""
    return folders_report(folders) if folders else runs_report(selection.pool(measures=True), selection.paths)


@over_nothing(app)
def plots(
    runs: Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")] = LEDGERS,
    where: Annotated[list[str], typer.Option("--where", help="Only runs with column=value[,value]; repeatable.")] = [],  # noqa: B006 - Typer reads the default and never changes it
    judgments: From = NONE,
    by: Annotated[str, typer.Option("--by", help="Factors of the runs that make arms.")] = "",
    out: Annotated[Path, typer.Option("--out", help="Folder for the figures.")] = Path("outputs/plots"),
) -> CommandReport:
    """Figures of gaps as SVG and PNG, by pass count and by arm; beside each, the pairs behind its marks."""
    names = grouping(by)
    selection = RunSelection(runs, [RunFilter.parse(text) for text in where])
    return draw(_chosen(selection, judgments), names, out)


@command(app, "run", JudgeModel, JudgeRequest)
def run(model: JudgeModel, request: JudgeRequest) -> int:
    """Judge kept workspaces against a baseline; what is judged already is not asked again."""
    return _interruptible(lambda: judge_runs(request, model.config, typer.echo))


@command(app, "baseline", JudgeModel, BaselineRequest)
def baseline(model: JudgeModel, request: BaselineRequest) -> int:
    """Have a model write the code that subjects of a task are held against, and record it."""
    return _interruptible(lambda: make_baseline(model, request, typer.echo))


def _chosen(selection: RunSelection, judgments: list[Path]) -> SelectedPairs:
    return choose(read(judgments or beside(selection.paths)), selection.paths, selection.where)


def _interruptible(work: Callable[[], int]) -> int:
    with Interrupts():
        try:
            return work()
        except KeyboardInterrupt:
            typer.echo("interrupted: what was recorded stays, and the same command goes on", err=True)
            return INTERRUPTED
