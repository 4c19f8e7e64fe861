"""`python -m analysis`: questions to ledgers, answered in one form or another."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from analysis.command import Asked, factors, over_runs
from analysis.contrast_report import contrast_report, table_report
from analysis.errors import AnalysisError
from analysis.rates import rates_report
from analysis.render import Report
from analysis.where import known_factor, level

app = typer.Typer(
    help="Pools ledgers of runs and tests what they say.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

By = Annotated[str, typer.Option("--by", help="Factors to count by, with commas; the rest is pooled, and said so.")]


@over_runs(app)
def rates(asked: Asked, by: By = "") -> Report:
    """Completion rates with their intervals; faults and interruptions apart."""
    shown = factors("--by", by)
    return rates_report(asked.pool(), asked.paths, shown)


@over_runs(app)
def contrast(
    asked: Asked,
    factor: Annotated[str, typer.Argument(help="The factor whose levels are compared.")],
    levels: Annotated[str, typer.Option("--levels", help="A,B: just these two levels, B against A.")] = "",
    within: Annotated[
        str, typer.Option("--within", help="Factors that separate strata, with commas; by default all that vary.")
    ] = "",
) -> Report:
    """Two levels of a factor against each other, by stratum and over all of them."""
    known_factor(factor, "contrast")
    pair = [level(factor, "--levels", text) for text in levels.split(",") if text]
    if levels and len(pair) != 2:
        raise AnalysisError(f"--levels {levels}: must be two levels, A,B")
    strata = factors("--within", within) if within else None
    chosen = (pair[0], pair[1]) if pair else None
    return contrast_report(asked.pool(), asked.paths, factor, levels=chosen, within=strata)


@over_runs(app)
def table(
    asked: Asked,
    by: By = "",
    contrast: Annotated[str, typer.Option("--contrast", help="Factors to test, with commas.")] = "",
) -> Report:
    """The end of a sweep: rates by what was swept, then the exact test of each factor named."""
    shown, tested = factors("--by", by), factors("--contrast", contrast)
    return table_report(asked.pool(), asked.paths, shown, tested)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. A question that cannot be answered is one line and code 2."""
    given = list(arguments) if arguments is not None else None
    try:
        app(given, prog_name="python -m analysis", standalone_mode=False)
    except AnalysisError as error:
        return _refused(str(error))
    except Exception as error:
        # Typer's own errors of usage; their class has moved between its releases.
        if not hasattr(error, "format_message"):
            raise
        return _refused(error.format_message())
    return 0


def _refused(why: str) -> int:
    print(f"error: {why}", file=sys.stderr)
    return 2
