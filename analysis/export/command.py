"""The command `harness analysis export`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from analysis.command import LEDGERS
from analysis.errors import AnalysisError
from harness.ledger import Ledger
from harness.outcome import Outcome
from harness.record import REQUIRED

app = typer.Typer(help="Write runs in the formats of other programs.", add_completion=False, rich_markup_mode=None)

Runs = Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")]


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
        from analysis.export.inspect_logs import write_cell  # noqa: PLC0415 - takes seconds to load
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
