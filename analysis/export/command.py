"""The command `harness analysis export`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from analysis.command import LEDGERS, By, RunSelection, Where, columns, require_no_ledger
from analysis.errors import AnalysisError
from analysis.export.run_tables import TableFormat, write_runs
from analysis.records.task_sets import FACTS, SEEN_IN_TRAINING
from analysis.records.where import RunFilter
from harness.ledger import Ledger
from harness.outcome import Outcome
from harness.record import REQUIRED

app = typer.Typer(help="Write runs in the formats of other programs.", add_completion=False, rich_markup_mode=None)

Runs = Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")]

Target = Annotated[Path, typer.Argument(help="File to write; one that is there is replaced.")]


@app.callback()
def _group() -> None:
    """Write runs in the formats of other programs."""


@app.command("inspect")
def inspect(
    folder: Annotated[Path, typer.Argument(help="Folder for the logs; made if it is not there.")],
    runs: Runs = LEDGERS,
) -> None:
    """Logs of Inspect, one a cell, an epoch a replicate, a span a pass: for `inspect view` and its data frames."""
    try:
        from analysis.export.inspect_logs import write_cell
    except ImportError as error:
        raise AnalysisError(
            f"export inspect: needs inspect_ai: pip install 'harness-sweeps[inspect]' ({error})"
        ) from error
    cells: dict[tuple[str, str, str], list[tuple[dict[str, object], Path]]] = {}
    for line, ledger in _records(runs):
        key = (str(line.get("cell")), str(line["task"]), str(line["model"]))
        cells.setdefault(key, []).append((line, ledger))
    folder.mkdir(parents=True, exist_ok=True)
    for lines in cells.values():
        typer.echo(write_cell(lines, folder))


@app.command("csv")
def csv(target: Target, runs: Runs = LEDGERS) -> None:
    """Every field of each run as CSV; a text that a spreadsheet would take for a formula gets an apostrophe."""
    _write(runs, target, TableFormat.CSV)


@app.command("parquet")
def parquet(target: Target, runs: Runs = LEDGERS) -> None:
    """Every field of each run as Parquet, with its type, texts as they are."""
    _write(runs, target, TableFormat.PARQUET)


@app.command("json")
def json(target: Target, runs: Runs = LEDGERS) -> None:
    """Every field of each run as one JSON array of objects."""
    _write(runs, target, TableFormat.JSON)


@app.command("aider-yaml")
def aider_yaml(target: Target, runs: Runs = LEDGERS, where: Where = [], by: By = "") -> None:  # noqa: B006 - Typer reads the default and never changes it
    """Rows in the shape of Aider's leaderboard, one a set and arm, with our interval and number of runs beside it."""
    from analysis.export.aider import aider_rows

    _require_target(target)
    shown = columns("--by", by)
    selection = RunSelection(runs, [RunFilter.parse(text) for text in where])
    text = aider_rows(selection.pool(measures=True, by=[*shown, *FACTS]), shown)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text + "\n", encoding="utf-8")
    typer.echo(target)


def _require_target(target: Path) -> None:
    """Raise AnalysisError for a file to write that is a folder or a ledger."""
    if target.is_dir():
        raise AnalysisError(f"{target}: is a folder; name a file")
    require_no_ledger(target)


def _write(runs: list[Path], target: Path, form: TableFormat) -> None:
    _require_target(target)
    written = write_runs(runs, target, form)
    typer.echo(f"{target}: {written.runs} {'run' if written.runs == 1 else 'runs'}")
    if written.simulated:
        typer.echo(f"{written.simulated} of a SIMULATED SUBJECT, which the column simulated names", err=True)
    if written.public:
        typer.echo(f"{written.public} of a PUBLIC SET: {SEEN_IN_TRAINING}", err=True)


def _records(ledgers: Iterable[Path]) -> list[tuple[dict[str, object], Path]]:
    """The records of some ledgers, each run once, in order of their start."""
    found: dict[object, tuple[dict[str, object], Path]] = {}
    for ledger in ledgers:
        if not ledger.is_file():
            raise AnalysisError(f"{ledger}: no such ledger; a sweep writes it, or name yours with --runs")
        for number, line in enumerate(Ledger(ledger).read()):
            if all(line.get(name) is not None for name in REQUIRED) and line["outcome"] in tuple(Outcome):
                found.setdefault(line.get("run_id") or (ledger, number), (line, ledger))
    if not found:
        raise AnalysisError(f"{', '.join(map(str, ledgers))}: no run is recorded there")
    return sorted(found.values(), key=lambda item: str(item[0]["time"]))
