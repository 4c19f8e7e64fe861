"""The commands of `judge` that ask nothing of a model: tables of what was judged, and of what tools tell."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.command import LEDGERS, RunSelection, over_nothing, over_runs
from analysis.judge.agreement import agreement_report
from analysis.judge.gaps import gaps_report
from analysis.judge.judgments import beside, read
from analysis.judge.pairs import SelectedPairs, choose, grouping
from analysis.judge.plots import draw
from analysis.judge.signals_report import folders_report, runs_report
from analysis.records.where import RunFilter
from analysis.render import CommandReport

From = Annotated[
    list[Path], typer.Option("--judgments", help="A file of judgments; by default those beside the ledgers.")
]
NONE: list[Path] = []


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for question in (table, agreement, signals):
        over_runs(app)(question)
    over_nothing(app)(plots)


def table(
    asked: RunSelection,
    judgments: From = NONE,
    by: Annotated[str, typer.Option("--by", help="Factors of the runs to group by, and passes, outcome.")] = "",
    each: Annotated[bool, typer.Option("--each", help="Every pair too, with its flags.")] = False,
) -> CommandReport:
    """Gaps between subjects and their baselines, by arm and dimension."""
    names = grouping(by)
    return gaps_report(_chosen(asked, judgments), names, each=each)


def agreement(asked: RunSelection, judgments: From = NONE) -> CommandReport:
    """Show how far the judge agrees with itself over sessions, and whether it favours a position."""
    return agreement_report(_chosen(asked, judgments))


def signals(
    asked: RunSelection,
    folders: Annotated[list[Path] | None, typer.Argument(help="Go modules; without any, what the runs kept.")] = None,
) -> CommandReport:
    """Count what tools alone find in code: gofmt, go vet, modernizers, size. No model is asked, and nothing is run."""
    return folders_report(folders) if folders else runs_report(asked.pool(measures=True), asked.paths)


def plots(
    runs: Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")] = LEDGERS,
    where: Annotated[list[str], typer.Option("--where", help="Only runs with column=value[,value]; repeatable.")] = [],  # noqa: B006 - Typer reads the default and never changes it
    judgments: From = NONE,
    by: Annotated[str, typer.Option("--by", help="Factors of the runs that make arms.")] = "",
    out: Annotated[Path, typer.Option("--out", help="Folder for the figures.")] = Path("outputs/plots"),
) -> CommandReport:
    """Figures of gaps as SVG and PNG, by pass count and by arm; beside each, the pairs behind its marks."""
    names = grouping(by)
    asked = RunSelection(runs, [RunFilter.parse(text) for text in where])
    return draw(_chosen(asked, judgments), names, out)


def _chosen(asked: RunSelection, judgments: list[Path]) -> SelectedPairs:
    return choose(read(judgments or beside(asked.paths)), asked.paths, asked.where)
