"""Commands of `harness analysis`."""

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from analysis.command import LEDGERS, Where, over_nothing, require_no_ledger, warn_of_empty
from analysis.errors import AnalysisError
from analysis.export.command import app as export_app
from analysis.judge import HELP
from analysis.pages import commands as pages
from analysis.records.pool import RunPool
from analysis.records.where import RunFilter
from analysis.render import CommandReport, Page, printable
from analysis.report.commands import app
from harness.config import ConfigError

app.command(name="report")(pages.report)
app.command(name="view")(pages.view)
app.add_typer(export_app, name="export")


@app.command(name="show")
def show(
    run: Annotated[str, typer.Argument(help="Its id, the beginning or end of it, its folder, or last.")],
    runs: Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")] = LEDGERS,
    passes: Annotated[str, typer.Option("--pass", help="Only these passes, with commas.")] = "",
    full: Annotated[bool, typer.Option("--full", help="Whole texts, and the prompts.")] = False,
) -> None:
    """One run readably: its settings, why it ended, and every step of its passes."""
    from analysis.records.transcripts import find_run
    from analysis.report.show import run_text

    try:
        numbers = frozenset(int(number) for number in passes.split(",") if number)
    except ValueError as error:
        raise AnalysisError(f"--pass {passes}: must be numbers of passes, with commas") from error
    typer.echo(run_text(find_run(run, runs), passes=numbers, full=full))


@app.command(name="patch")
def patch(
    run: Annotated[str, typer.Argument(help="Its id, the beginning or end of it, its folder, or last.")],
    runs: Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")] = LEDGERS,
) -> None:
    """Changes of a run to the copy of your own folder, as a patch for git apply."""
    from analysis.records.transcripts import find_run
    from analysis.report.patch import patch_of

    content = patch_of(find_run(run, runs))
    if not content:
        typer.echo(f"{run}: the run changed nothing", err=True)
    elif sys.stdout.isatty():
        # What a model wrote may hold sequences that a terminal acts on; a file or git gets the bytes as they are.
        typer.echo(
            "\n".join(printable(line, tabs=True) for line in content.decode(errors="replace").split("\n")), nl=False
        )
    else:
        typer.echo(content, nl=False)


@over_nothing(app)
def doctor(
    runs: Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")] = LEDGERS,
    repair: Annotated[bool, typer.Option("--repair", help="Bring lost records back; nothing is ever deleted.")] = False,
) -> CommandReport:
    """Check ledgers and the run folders beside them."""
    from analysis.report.doctor import doctor_report

    return doctor_report(runs, repair=repair)


@over_nothing(app)
def published(
    text: Annotated[
        list[Path], typer.Option("--text", help="Check the sentences of this file instead; may be given several times.")
    ] = [],  # noqa: B006 - Typer reads the default and never changes it
) -> CommandReport:
    """The published figures recomputed, and what is wrong with them, found by rule."""
    from analysis.study.published.report import published_report

    return published_report(text)


@over_nothing(app)
def calibration(
    runs: Annotated[Path | None, typer.Option("--runs", help="A ledger; by default the runs of the page.")] = None,
    launch: Annotated[int, typer.Option("--launch", help="Run until every setting has so many; 0 runs none.")] = 0,
    log_dir: Annotated[Path, typer.Option("--log-dir", help="Where they are run.")] = Path("outputs/calibration"),
    jobs: Annotated[int, typer.Option("--jobs", help="Sweeps at a time, of different tasks.")] = 1,
    keep: Annotated[Path | None, typer.Option("--keep", help="Write the runs there, in the fields compared.")] = None,
) -> CommandReport:
    """Simulated subjects held against the published study, arm by arm: fitted, predicted, inside or not."""
    from analysis.study.calibration import report as calibrated
    from analysis.study.calibration import runs as simulated
    from analysis.study.calibration.arms import settings

    if launch:
        simulated.launch(settings(), launch, log_dir, jobs)
        runs = runs or log_dir / "runs.jsonl"
    records = simulated.bundled() if runs is None else simulated.read(runs)
    if keep is not None:
        simulated.keep(records, keep)
    return calibrated.calibration_report(records)


Out = Annotated[Path | None, typer.Option("--out", help="Write the page there instead of printing it.")]
Check = Annotated[Path | None, typer.Option("--check", help="Fail unless this file holds just the page.")]


@over_nothing(app)
def simulator(out: Out = None, check: Check = None) -> CommandReport | None:
    """The page on simulated subjects: how they were fitted, and how well they predict the published study."""
    from analysis.study.calibration import report as calibrated
    from analysis.study.calibration import runs as simulated

    records = simulated.bundled()
    report = calibrated.calibration_report(records)
    return _published(
        Page(**vars(report), page=calibrated.page(records, simulated.bundled("rehearsed"))), out, check, "simulator"
    )


@over_nothing(app)
def plots(
    runs: Annotated[list[Path], typer.Option("--runs", help="A ledger; may be given several times.")] = LEDGERS,
    where: Where = [],  # noqa: B006 - Typer reads the default and never changes it
    out: Annotated[Path, typer.Option("--out", help="Folder for the figures.")] = Path("outputs/plots"),
) -> CommandReport:
    """Figures as SVG and PNG: rates, contrasts, tokens of a pass, timeline; beside each, the runs behind its marks."""
    from analysis.report.plots import draw

    filters = [RunFilter.parse(text) for text in where]
    warn_of_empty(runs)
    return draw(RunPool.read(runs, filters, measures=True), runs, out)


@over_nothing(app)
def study(
    runs: Annotated[list[Path], typer.Option("--runs", help="A ledger of your own; may be given several times.")] = [],  # noqa: B006 - Typer reads the default and never changes it
    where: Where = [],  # noqa: B006 - likewise
    out: Out = None,
    check: Check = None,
) -> CommandReport | None:
    """The study retold from the published figures, with your runs beside them, as one page of Markdown."""
    from analysis.study.page import retold

    filters = [RunFilter.parse(text) for text in where]
    if filters and not runs:
        raise AnalysisError("--where chooses among runs of your own: name their ledger with --runs")
    warn_of_empty(runs)
    return _published(retold(RunPool.read(runs, filters, measures=True) if runs else None, runs), out, check, "study")


@over_nothing(app)
def measured(
    runs: Annotated[Path, typer.Option("--runs", help="The ledger.")] = Path("docs/measured/runs.jsonl"),
    out: Out = None,
    check: Check = None,
) -> CommandReport | None:
    """The page on the sweeps of conf/sweep/measured_*.yaml: declarations, rates, tests and costs."""
    from analysis.study.measured import measured as page_of

    return _published(page_of(runs), out, check, "measured")


@over_nothing(app)
def reference(out: Out = None, check: Check = None) -> CommandReport | None:
    """The page of all commands of the analysis, each with its options."""
    from analysis.reference import page as command_page

    _add_judge()
    return _published(Page([], page=command_page(typer.main.get_command(app))), out, check, "reference")


def _published(page: Page, out: Path | None, check: Path | None, command: str) -> CommandReport | None:
    """A page to be printed; None where it was written down, or is just what was written down."""
    from analysis.reference import drift_of

    if check is not None:
        drifted = drift_of(page.page, check, command)
        if drifted:
            typer.echo(drifted, err=True)
            raise typer.Exit(1)
        return None
    if out is None:
        return page
    require_no_ledger(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page.page, encoding="utf-8")
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. A question that cannot be answered is one line and code 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] in ([], ["--help"]):
        _list_judge()
    elif words[:1] == ["judge"] or words[0] not in command_names():
        _add_judge()
    try:
        code = app(words, prog_name="harness analysis", standalone_mode=False)
    except (AnalysisError, ConfigError) as error:
        return _refused(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        if error.filename is None:
            raise
        return _refused(f"{error.filename}: cannot be read or written: {error.strerror}")
    except Exception as error:
        # Typer's own errors of usage; their class has moved between its releases.
        if not hasattr(error, "format_message"):
            raise
        return _refused(error.format_message())
    return code if isinstance(code, int) else 0


def command_names() -> list[str]:
    """The commands of the analysis."""
    return [*(str(command.name) for command in app.registered_commands), "export", "judge"]


@cache
def _list_judge() -> None:
    """Name the judge's commands in the list of commands, without loading them."""
    if "judge" not in [group.name for group in app.registered_groups]:
        app.add_typer(typer.Typer(help=HELP), name="judge")


@cache
def _add_judge() -> None:
    """The judge talks to servers: what that takes to load, no question to a ledger needs to wait for."""
    from analysis.judge.cli import app as judge

    app.add_typer(judge, name="judge")


def _refused(why: str) -> int:
    print(f"error: {why}", file=sys.stderr)
    return 2
