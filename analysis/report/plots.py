"""Figures of the runs at hand, as SVG and PNG: each tells its units, its n, and whether the subject was simulated."""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.contrasts.contrast import TestResult, contrasts, result
from analysis.contrasts.declared import DeclaredTest, DeclaredTests
from analysis.contrasts.stopped import StoppedArms
from analysis.errors import AnalysisError
from analysis.records.cells import PooledCell
from analysis.records.columns import SUBJECT
from analysis.records.groups import RunGroup, apart, varying, with_results
from analysis.records.pool import RunPool
from analysis.records.run_ids import RunIds
from analysis.render import Column, Page, Table, show
from analysis.report.contrast_report import two_levels
from analysis.report.ladder import budget, rungs_of
from analysis.report.load import BYTES_PER_TOKEN
from analysis.report.rates import left_out, subject_line
from analysis.report.stopped import DAGGER, dagger
from analysis.stats.proportion import wilson
from harness.outcome import Outcome

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PALE = "#222222", "#bbbbbb"
# Colours that stay apart for colour-blind readers (Okabe and Ito).
SERIES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
OUTCOMES = {
    Outcome.COMPLETED: "#009E73",
    Outcome.STAGNATED: "#D55E00",
    Outcome.BUDGET: "#E69F00",
}
MARKERS = "osD^vP"
STOPPED = f"{DAGGER} stopped early by its sweep, not adjusted for it"
LEAST_JOINED = 2
"""Runs that every point of a series has before a line joins its points: one run is no trend."""
TEST_KINDS = [
    ("D", "declared: p on its side, adjusted over its family (Holm)"),
    ("s", "exploratory: p two-sided, not adjusted"),
]


Marks = dict[str, list[str]]
"""The runs behind each mark of a figure."""

MARKS = [
    Column("figure", "figure", "text"),
    Column("mark", "mark", "text"),
    Column("runs", "runs"),
    Column("run_ids", "run ids", "text", data=True),
]


def draw(pool: RunPool, paths: Sequence[Path], folder: Path) -> Page:
    """Write every figure that the runs allow, and beside it the runs behind each of its marks, as JSON.

    `pool` was read with measures. Raises AnalysisError without runs.
    """
    cells = with_results(pool.cells())
    if not cells:
        raise AnalysisError("no run to draw: the ledgers hold no result")
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    rows: list[dict[str, Any]] = []
    run_ids = RunIds(pool)
    for subject in apart(cells, SUBJECT):
        stem = "-".join(str(subject.levels[name]) for name in ("task", "model")).replace("/", "_")
        for name, (figure, marks) in _figures(pool, paths, subject, run_ids):
            named = f"{name}-{stem}{'-simulated' if subject.levels['simulated'] else ''}"
            for ending in ("svg", "png"):
                path = folder / f"{named}.{ending}"
                figure.savefig(path, dpi=150, metadata={"Date": None} if ending == "svg" else None)
                written.append(path)
            written.append(folder / f"{named}.json")
            written[-1].write_text(json.dumps(marks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            rows += [{"figure": named, "mark": mark, "runs": len(ids), "run_ids": ids} for mark, ids in marks.items()]
    marked = Table("marks", "runs behind each mark", MARKS, rows)
    return Page(subject_line(cells), [marked], left_out(pool), page="\n".join(map(str, written)))


def _figures(
    pool: RunPool, paths: Sequence[Path], subject: RunGroup, run_ids: RunIds
) -> Iterator[tuple[str, tuple["Figure", Marks]]]:
    stopped = StoppedArms.of(pool, paths)
    yield "rates", _rates(subject, run_ids, stopped)
    declared = DeclaredTests(pool, paths, bool(subject.levels["simulated"]))
    if lines := _forest_lines(subject, declared):
        yield (
            "contrasts",
            (_forest(subject, lines, declared, stopped), {line.name: run_ids.of(line.cells) for line in lines}),
        )
    runs = _runs(pool, subject)
    if any(run["read_bytes"] is not None and run["passes"] for run in runs):
        yield "tokens", _tokens(subject, runs)
    if any(run["started"] is not None for run in runs):
        yield "timeline", _timeline(subject, runs)


def blank(heading: str, height: float = 4.0) -> tuple["Figure", "Axes"]:
    """An empty figure with its heading. Raises AnalysisError without matplotlib, which is an optional extra."""
    try:
        from matplotlib import rcParams  # noqa: PLC0415 - an optional extra
        from matplotlib.figure import Figure  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as error:
        raise AnalysisError("plots need matplotlib: pip install 'harness-sweeps[plots]'") from error
    rcParams["svg.fonttype"] = "none"  # text stays text: searchable, and read aloud
    figure = Figure(figsize=(7.2, height), layout="constrained")
    axes = figure.add_subplot()
    figure.suptitle(heading, x=0.01, ha="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _blank(subject: RunGroup, title: str, height: float = 4.0) -> tuple["Figure", "Axes"]:
    """An empty figure with its heading: what, of which subject, how many runs, simulated or not."""
    kind = "SIMULATED SUBJECT, no language model" if subject.levels["simulated"] else "language model"
    return blank(f"{title}\n{subject.levels['task']} · {subject.levels['model']} · {kind} · n = {subject.runs}", height)


def _rates(subject: RunGroup, run_ids: RunIds, stopped: StoppedArms) -> tuple["Figure", Marks]:
    """Completion against budget, one series for each combination of the rest."""
    figure, axes = _blank(subject, "Completion rate by pass budget, with Wilson intervals (95%)")
    rest = [name for name in varying(subject.cells) if name != "ctx_limit"]
    series = apart(subject.cells, rest)
    budgets = [rung.level for rung in rungs_of(subject.cells)]
    marks: Marks = {}
    for place, arm in enumerate(series):
        offset = 0.12 * (place - (len(series) - 1) / 2)
        rungs = rungs_of(arm.cells)
        where = [budgets.index(rung.level) + offset for rung in rungs]
        rates = [rung.completed / rung.runs for rung in rungs]
        bounds = [wilson(rung.completed, rung.runs) for rung in rungs]
        spread = [[max(0.0, r - b.low) for r, b in zip(rates, bounds, strict=True)]]
        spread.append([max(0.0, b.high - r) for r, b in zip(rates, bounds, strict=True)])
        colour, marker = SERIES[place % len(SERIES)], MARKERS[place % len(MARKERS)]
        bars = axes.errorbar(where, rates, yerr=spread, color=colour, marker=marker, capsize=3, lw=1, label=_label(arm))
        if any(rung.runs < LEAST_JOINED for rung in rungs):
            bars.lines[0].set_linestyle("none")
        for cell in arm.cells:
            mark = _named(arm.levels | {"ctx_limit": cell.levels["ctx_limit"]})
            marks.setdefault(", ".join(mark), []).extend(run_ids.of([cell]))
        for x, rate, rung in zip(where, rates, rungs, strict=True):
            here = [cell for cell in arm.cells if (cell.levels["ctx_limit"] or math.inf) == rung.level]
            text = f"{rung.completed}/{rung.runs}{dagger(stopped, here)}"
            note = axes.annotate(text, (x, rate), xytext=(5, 5), textcoords="offset points", fontsize=7, color=colour)
            # Lines and intervals of other series pass here.
            note.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85})
            note.set_zorder(5)
    axes.set_xticks(range(len(budgets)), [budget(level) for level in budgets])
    axes.set_xlim(-0.5, len(budgets) - 0.5)
    axes.set_ylim(-0.03, 1.08)
    axes.set_xlabel("ctx_limit (tokens a pass)")
    axes.set_ylabel("completed / runs")
    if dagger(stopped, subject.cells):
        axes.plot([], [], " ", label=STOPPED)
    if rest or dagger(stopped, subject.cells):
        figure.legend(frameon=False, fontsize=8, ncols=3, loc="outside lower left")
    return figure, marks


@dataclass(frozen=True)
class ForestLine:
    """One line of the forest plot."""

    name: str
    result: TestResult
    cells: Sequence[PooledCell]
    declared: DeclaredTest | None = None


def _forest_lines(subject: RunGroup, declared: DeclaredTests) -> list[ForestLine]:
    """Differences of rates, stratum by stratum and over all strata, for each factor with two levels."""
    lines: list[ForestLine] = []
    for factor in two_levels(subject.cells):
        try:
            all_contrasts = contrasts(subject.cells, factor, baseline=declared.baseline(factor))
        except AnalysisError:
            continue
        for contrast in all_contrasts:
            name = f"{factor}: {show(contrast.b)} − {show(contrast.a)}"
            lines += [
                ForestLine(", ".join([name, *_named(one.levels)]), result([one.arms], extras=False), one.cells)
                for one in contrast.strata
            ]
            if len(contrast.strata) > 1:
                whole = result(contrast.tables, extras=False)
                doubt = (
                    f", which disagree (p {show(whole.homogeneity.p, 'p')})"
                    if whole.homogeneity and whole.homogeneity.warns
                    else ""
                )
                lines.append(ForestLine(f"{name}, all strata{doubt}", whole, contrast.cells))
            lines[-1] = replace(lines[-1], declared=declared.test_of(contrast))
    return lines


def _forest(subject: RunGroup, lines: Sequence[ForestLine], declared: DeclaredTests, stopped: StoppedArms) -> "Figure":
    """Differences of rates with their intervals; what was declared is told apart from what is explored."""
    figure, axes = _blank(subject, "Differences of completion rates (95%, Miettinen–Nurminen)", 1.8 + 0.32 * len(lines))
    for place, line in enumerate(reversed(lines)):
        low, high = line.result.difference_interval
        axes.plot([low, high], [place, place], color=INK, lw=1.2)
        kind = line.declared is None
        axes.plot(line.result.difference, place, TEST_KINDS[kind][0], color=SERIES[kind], ms=5)
        arms = line.result.arms
        p = declared.adjusted(line.declared) if line.declared else line.result.p.two_sided
        counts = f"{arms.k_b}/{arms.n_b} vs {arms.k_a}/{arms.n_a}{dagger(stopped, line.cells)}  p {show(p, 'p')}"
        axes.annotate(counts, (1.1, place), fontsize=7, va="center", annotation_clip=False)
    axes.axvline(0, color=PALE, lw=1, zorder=0)
    axes.set_yticks(range(len(lines)), [line.name for line in reversed(lines)], fontsize=8)
    axes.set_xlim(-1.02, 1.92)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1])
    axes.set_xlabel("difference of completion rates (B − A)")
    for kind in sorted({line.declared is None for line in lines}):
        axes.plot([], [], TEST_KINDS[kind][0], color=SERIES[kind], ms=5, label=TEST_KINDS[kind][1])
    if dagger(stopped, subject.cells):
        axes.plot([], [], " ", label=STOPPED)
    figure.legend(frameon=False, fontsize=8, loc="outside lower left")
    return figure


def _tokens(subject: RunGroup, runs: Sequence[dict[str, Any]]) -> tuple["Figure", Marks]:
    """Draw the use of a pass's budget, in means over runs."""
    figure, axes = _blank(subject, "Tokens of a pass: loaded, generated, and the rest of its budget (means)")
    by = varying(subject.cells) or ["ctx_limit"]
    groups: dict[str, list[dict[str, Any]]] = {_levels(group.levels): [] for group in apart(subject.cells, by)}
    for run in (one for one in runs if one["read_bytes"] is not None and one["passes"]):
        groups[_levels({name: run[name] for name in by})].append(run)
    groups = {name: runs for name, runs in groups.items() if runs}
    loaded = [_mean([run["read_bytes"] / BYTES_PER_TOKEN / run["passes"] for run in runs]) for runs in groups.values()]
    made = [_mean([(run["completion_tokens"] or 0) / run["passes"] for run in runs]) for runs in groups.values()]
    limits = [_mean([run["ctx_limit"] or 0 for run in runs]) for runs in groups.values()]
    rest = [max(0.0, limit - a - b) for limit, a, b in zip(limits, loaded, made, strict=True)]
    names = [f"{name}\nn = {len(runs)}".replace(", ", "\n") for name, runs in groups.items()]
    axes.bar(names, loaded, color=SERIES[1], label=f"loaded: bytes of read_file at {BYTES_PER_TOKEN} bytes a token")
    axes.bar(names, made, bottom=loaded, color=SERIES[0], label="generated: reasoning, calls and code")
    below = [a + b for a, b in zip(loaded, made, strict=True)]
    axes.bar(names, rest, bottom=below, color=PALE, label="rest of ctx_limit: prompt, results of other tools, unused")
    axes.set_ylabel("tokens a pass")
    axes.tick_params(axis="x", labelsize=7)
    figure.legend(frameon=False, fontsize=8, loc="outside lower left")
    return figure, {name: [run["run_id"] for run in runs] for name, runs in groups.items()}


def _timeline(subject: RunGroup, runs: Sequence[dict[str, Any]]) -> tuple["Figure", Marks]:
    """When each run ran, how long, and how it ended, one line a cell."""
    by = varying(subject.cells)
    names = [_label(group) for group in apart(subject.cells, by)]
    figure, axes = _blank(subject, "Timeline: when each run ran, and how it ended", 1.8 + 0.3 * len(names))
    timed = [run for run in runs if run["started"] is not None]
    marks: Marks = {name: [] for name in names}
    first = min(run["started"] for run in timed)
    for run in timed:
        label = _levels({name: run[name] for name in by})
        marks[label].append(run["run_id"])
        place = len(names) - 1 - names.index(label)
        start, width = (run["started"] - first) / 60e6, (run["duration_sec"] or 0) / 60
        colour = OUTCOMES[Outcome(run["outcome"])]
        axes.barh(place, width, left=start, height=0.6, color=colour, edgecolor=colour)
    for outcome, colour in OUTCOMES.items():
        if any(run["outcome"] == outcome for run in timed):
            axes.barh(0, 0, color=colour, label=outcome.value)
    began = datetime.fromtimestamp(first / 1e6, UTC)
    axes.set_yticks(range(len(names)), list(reversed(names)), fontsize=8)
    axes.set_xlabel(f"minutes since {began:%Y-%m-%d %H:%M} UTC")
    figure.legend(frameon=False, fontsize=8, ncols=3, loc="outside lower left")
    return figure, marks


def _runs(pool: RunPool, subject: RunGroup) -> list[dict[str, Any]]:
    """Runs of the subject, with what the figures need of each."""
    measured = ["run_id", "outcome", "started", "duration_sec", "passes", "read_bytes", "completion_tokens"]
    names = list(dict.fromkeys([*SUBJECT, "ctx_limit", *varying(subject.cells), *measured]))
    rows = [dict(zip(names, row, strict=True)) for row in pool.rows(*names)]
    return [row for row in rows if all(row[name] == subject.levels[name] for name in SUBJECT)]


def _label(group: RunGroup) -> str:
    return _levels(group.levels)


def _named(levels: dict[str, Any]) -> list[str]:
    return [f"{name} {show(level)}" for name, level in levels.items()]


def _levels(levels: dict[str, Any]) -> str:
    return ", ".join(_named(levels)) or "all runs"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
