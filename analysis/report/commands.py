"""Questions to ledgers, and to designs: each a command of `harness analysis`."""

from typing import Annotated

import typer

from analysis.command import By, RunSelection, columns, over_nothing, over_runs
from analysis.errors import AnalysisError
from analysis.records.server_facts import FINGERPRINT
from analysis.records.task_sets import FACTS as TASK_FACTS
from analysis.records.where import known_column, level
from analysis.render import CommandReport
from analysis.report.effort_measures import Measure, Stagnated

app = typer.Typer(
    help="Pools ledgers of runs and tests what they say.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@over_runs(app)
def rates(selection: RunSelection, by: By = "") -> CommandReport:
    """Completion rates with their intervals; faults and interruptions apart."""
    from analysis.report.rates import rates_report

    shown = columns("--by", by)
    return rates_report(selection.pool(by=shown), selection.paths, shown)


@over_runs(app)
def runs(
    selection: RunSelection,
    last: Annotated[int, typer.Option("--last", help="Only the latest so many; 0 lists all.", min=0)] = 40,
) -> CommandReport:
    """The runs one by one: what came of each, why it ended, and where its folder is."""
    from analysis.report.runs import runs_report

    return runs_report(selection.pool(measures=True), selection.paths, last)


@over_runs(app)
def cost(selection: RunSelection, by: By = "") -> CommandReport:
    """Time, tokens and energy of a completed task, by server; what faults cost apart."""
    from analysis.report.cost import cost_report

    shown = columns("--by", by)
    return cost_report(selection.pool(measures=True, by=[*shown, FINGERPRINT]), selection.paths, shown)


@over_runs(app)
def contrast(
    selection: RunSelection,
    factor: Annotated[
        str, typer.Argument(help="The field of the record, the config or the server whose levels are compared.")
    ],
    levels: Annotated[str, typer.Option("--levels", help="A,B: just these two levels, B against A.")] = "",
    within: Annotated[
        str, typer.Option("--within", help="Factors that separate strata, with commas; by default all that vary.")
    ] = "",
    margin: Annotated[
        float | None,
        typer.Option("--margin", help="Difference of rates within which B is tested to be equivalent to A."),
    ] = None,
) -> CommandReport:
    """Two levels of a factor against each other, by stratum and over all of them."""
    from analysis.report.contrast_report import contrast_report

    factor = known_column(factor, "contrast")
    pair = [level(factor, "--levels", text) for text in levels.split(",") if text]
    if levels and len(pair) != 2:
        raise AnalysisError(f"--levels {levels}: must be two levels, A,B")
    strata = columns("--within", within) if within else None
    chosen = (pair[0], pair[1]) if pair else None
    return contrast_report(
        selection.pool(by=[factor, *(strata or [])]),
        selection.paths,
        factor,
        levels=chosen,
        within=strata,
        margin=margin,
    )


@over_runs(app)
def table(
    selection: RunSelection,
    by: By = "",
    contrast: Annotated[str, typer.Option("--contrast", help="Fields to test, with commas.")] = "",
) -> CommandReport:
    """The end of a sweep: rates by what was swept, then the exact test of each factor named."""
    from analysis.report.contrast_report import table_report

    shown, tested = columns("--by", by), columns("--contrast", contrast)
    return table_report(selection.pool(by=[*shown, *tested]), selection.paths, shown, tested)


@over_runs(app)
def time(
    selection: RunSelection,
    by: By = "",
    contrast: Annotated[str, typer.Option("--contrast", help="Fields to test, with commas.")] = "",
    measure: Annotated[
        list[Measure], typer.Option("--measure", help="Effort that is counted; may be given several times.")
    ] = list(Measure),  # noqa: B006 - Typer reads the default and never changes it
    stagnated: Annotated[
        Stagnated, typer.Option("--stagnated", help="Whether a run that stagnated is censored or never completes.")
    ] = Stagnated.CENSORED,
    horizon: Annotated[
        float | None,
        typer.Option(
            "--horizon", help="Effort at which counting stops; by default the largest that every arm reached."
        ),
    ] = None,
) -> CommandReport:
    """Passes, tokens and seconds to completion, with censoring: medians, restricted means, log-rank tests."""
    from analysis.report.effort import effort_report

    shown, tested = columns("--by", by), columns("--contrast", contrast)
    pool = selection.pool(measures=True, by=[*shown, *tested])
    chosen = list(dict.fromkeys(measure))
    return effort_report(pool, selection.paths, shown, tested, measures=chosen, stagnated=stagnated, horizon=horizon)


@over_runs(app)
def pass_at_k(
    selection: RunSelection,
    by: By = "",
    k: Annotated[str, typer.Option("--k", help="Runs of which one must complete, with commas.")] = "1,3,5",
) -> CommandReport:
    """pass@k: the chance that at least one of k runs completes, by task and over tasks."""
    from analysis.report.pass_at_k import pass_at_k_report

    shown, sizes = columns("--by", by), _run_numbers(k)
    return pass_at_k_report(selection.pool(by=shown), selection.paths, shown, sizes)


@over_runs(app)
def partial_pooling(selection: RunSelection, by: By = "") -> CommandReport:
    """Rates of tasks that inform each other, and of tasks like these: a Beta-binomial model of each arm."""
    from analysis.report.partial_pooling import partial_pooling_report

    shown = columns("--by", by)
    return partial_pooling_report(selection.pool(by=shown), selection.paths, shown)


@over_runs(app)
def tasks(
    selection: RunSelection,
    by: By = "",
    k: Annotated[str, typer.Option("--k", help="Runs of which one must complete, with commas.")] = "2,4",
) -> CommandReport:
    """Sets of tasks: rates by arm, arms against each other, tasks that separate them, difficulty, and each task."""
    from analysis.report.task_sets import tasks_report

    shown, sizes = columns("--by", by), _run_numbers(k)
    pool = selection.pool(measures=True, by=[*shown, *TASK_FACTS])
    return tasks_report(pool, selection.paths, shown, sizes)


@over_runs(app)
def ladder(selection: RunSelection) -> CommandReport:
    """Completion against ctx_limit: isotonic rates, whether more budget helps, and the floor."""
    from analysis.report.ladder import ladder_report

    return ladder_report(selection.pool(), selection.paths)


@over_runs(app)
def load(selection: RunSelection) -> CommandReport:
    """Show what passes spend on loading and on acting, in medians."""
    from analysis.report.load import MEASURES, load_report

    return load_report(selection.pool(listed=MEASURES), selection.paths)


@over_nothing(app)
def power(
    n: Annotated[str, typer.Option("--n", help="Runs an arm, with commas.")] = "3,5,8,10,15,20",
    base: Annotated[str, typer.Option("--base", help="Completion rate expected of A; or one a stratum.")] = "0.1",
    rate: Annotated[str, typer.Option("--rate", help="Completion rate hoped for in B; or one a stratum.")] = "0.6",
    alpha: Annotated[float, typer.Option("--alpha", help="Level of the two-sided test.")] = 0.05,
    minutes: Annotated[float, typer.Option("--minutes", help="Minutes a run takes; 0 leaves hours out.")] = 0.0,
    strata: Annotated[int, typer.Option("--strata", help="Strata in which both arms are run.")] = 1,
) -> CommandReport:
    """Show what a design can detect before it is run: least p, power, detectable rates, hours."""
    from analysis.report.power import power_report

    sizes, bases, rates = _whole_numbers("--n", n), _numbers("--base", base), _numbers("--rate", rate)
    return power_report(sizes, bases, rates, alpha=alpha, minutes=minutes, strata=strata)


@over_runs(app)
def drift(selection: RunSelection) -> CommandReport:
    """Test whether outcomes moved with time, group by group."""
    from analysis.report.drift import drift_report

    return drift_report(selection.pool(), selection.paths)


def _run_numbers(text: str) -> list[int]:
    """The values of --k."""
    sizes = list(dict.fromkeys(_whole_numbers("--k", text)))
    if not sizes or min(sizes) < 1:
        raise AnalysisError(f"--k {text}: must be numbers of runs, 1 or more")
    return sizes


def _whole_numbers(option: str, text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part]
    except ValueError as error:
        raise AnalysisError(f"{option} {text}: must be whole numbers, with commas") from error


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",") if part] or [float(text)]
    except ValueError as error:
        raise AnalysisError(f"{option} {text}: must be numbers, with commas") from error
