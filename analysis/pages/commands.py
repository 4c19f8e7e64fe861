"""Commands that make pages: `report` and `view`."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.command import LEDGERS, require_no_ledger, warn_of_empty

Runs = Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")]


def report(
    runs: Runs = LEDGERS,
    out: Annotated[Path, typer.Option("--out", help="The file to write.")] = Path("report.html"),
    embed: Annotated[
        int,
        typer.Option("--embed", help="Most runs whose every step is in the file; of all others the record is.", min=0),
    ] = 30,
) -> None:
    """One HTML file with every run and why it ended, which opens from disk."""
    from analysis.pages.report_file import write_report

    warn_of_empty(runs)
    require_no_ledger(out)
    typer.echo(write_report(runs, out, embed, ", ".join(map(str, runs))))


def view(
    runs: Runs = LEDGERS,
    port: Annotated[int, typer.Option("--port", help="Port on loopback; 0 picks a free one.", min=0, max=65535)] = 8377,
) -> None:
    """The same pages live in the browser while runs are made: progress, time left, the current pass. Reads only."""
    from analysis.pages.live import serve

    serve(runs, port)
