"""Dry run: list the runs of a sweep in order, with their state, the time left and the power of its contrasts."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence

from harness.servers.managed import median_start
from sweeps.plan.design import PlannedContrast, contrasts
from sweeps.plan.order import restarts
from sweeps.plan.run import PlannedRun
from sweeps.progress.display import duration
from sweeps.progress.history import Key, SweepHistory
from sweeps.schema import Side, SweepConfig

HEAD = ("position", "block", "cell", "run", "state")

SIDES = {Side.two: "two-sided", Side.greater: "one-sided, more often", Side.less: "one-sided, less often"}

CLAIMS = {Side.two: "no different", Side.greater: "no worse", Side.less: "no better"}
"""Claim of a margin, by the side of the contrast."""


def preview(
    runs: Sequence[PlannedRun], sweep: SweepConfig, histories: SweepHistory, spared: Container[Key] = ()
) -> Iterator[str]:
    """Yield the lines of a dry run; runs in `spared` need no result any more."""
    rows = [HEAD, *(_row(run, sweep, histories, spared) for run in runs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    for position, block, *texts in rows:
        cells = (text.ljust(width) for text, width in zip(texts, widths[2:], strict=True))
        yield "  ".join([position.rjust(widths[0]), block.rjust(widths[1]), *cells]).rstrip()
    yield ""
    yield _size(runs, sweep, histories, spared)
    yield from _starts([run for run in histories.unfinished(runs, sweep.retry) if run.key not in spared])
    for contrast in contrasts(runs, sweep):
        yield from _contrast(contrast, sweep)


def _row(run: PlannedRun, sweep: SweepConfig, histories: SweepHistory, spared: Container[Key]) -> tuple[str, ...]:
    state = "not needed" if run.key in spared else _state(run, sweep, histories)
    return str(run.launch.position), str(run.launch.block), run.cell, run.label, state


def _state(run: PlannedRun, sweep: SweepConfig, histories: SweepHistory) -> str:
    """Return the state of a run (done, missing, given up) and its attempts without a result."""
    history = histories.of(run)
    tried = Counter(history.tried.get(run.key, ()))
    attempts = "".join(f", {outcome} ×{times}" for outcome, times in tried.items())
    if run.key in history.finished:
        return f"done{attempts}"
    return (
        "missing" if history.unfinished(run.key, sweep.retry) else f"not run again (sweep.retry={sweep.retry.value})"
    ) + (attempts)


def _size(runs: Sequence[PlannedRun], sweep: SweepConfig, histories: SweepHistory, spared: Container[Key]) -> str:
    unfinished = [run for run in histories.unfinished(runs, sweep.retry) if run.key not in spared]
    seconds = histories.seconds(unfinished)
    known = [one for one in seconds if one is not None]
    unknown = len(seconds) - len(known)
    parts = [f"{len(runs)} runs: {histories.finished(runs)} done, {len(unfinished)} to run"]
    if known:
        parts.append(f"about {sum(known) / 3600:.2f} h ({duration(sum(known))}) by the medians of past runs")
    if unknown:
        parts.append(f"{unknown} of them of unknown length: nothing like them was ever run")
    return "; ".join(parts)


def _starts(unfinished: Sequence[PlannedRun]) -> Iterator[str]:
    """Yield the number of starts of managed servers, with their cost."""
    if starts := restarts(unfinished):
        seconds = median_start({run.config.log_dir for run in unfinished})
        cost = (
            "of unknown length: none was made yet" if seconds is None else f"about {duration(starts * seconds)} in all"
        )
        yield f"{starts} {'start' if starts == 1 else 'starts'} of a server, {cost}"


def _contrast(contrast: PlannedContrast, sweep: SweepConfig) -> Iterator[str]:
    strata = contrast.strata
    yield f"{contrast.factor}: {contrast.level} against {contrast.baseline}, {SIDES[sweep.side]} at {sweep.alpha:g}" + (
        f", family {sweep.family}" if sweep.family else ""
    )
    if not strata:
        yield "  no stratum has both: nothing can be shown"
        return
    sizes = ", ".join(f"{b} against {a}" for a, b in strata.values()) if len(strata) < 10 else f"{len(strata)} strata"
    chance = contrast.power(sweep)
    shown = "too large to tell exactly" if chance is None else f"{chance:.2f}"
    yield f"  runs: {sizes}; smallest p: {contrast.smallest_p(sweep):.2g}"
    yield f"  power: {shown}, if the rates are {sweep.base_rate:g} and {sweep.rate:g}"
    if sweep.margin is not None:
        yield f"  margin: {CLAIMS[sweep.side]} by {sweep.margin:g}, tested too"
