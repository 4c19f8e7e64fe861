"""Figures of gaps, as SVG and PNG: each tells its judge, its n, and what was simulated."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from analysis.errors import AnalysisError
from analysis.judge.gaps import BEHIND, behind, heads, quartiles, title_of
from analysis.judge.pairs import WHO, JudgedPair, SelectedPairs, apart, arms, shown
from analysis.records.cells import Level
from analysis.render import Column, Page, Table, show
from analysis.report.plots import INK, MARKERS, PALE, SERIES, blank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = "gap: subject less baseline"
LEAST = "median of an arm: thick mark; quartiles: thin line, from four pairs on; each point is a pair"
OFFSET = 0.14
"""Between series, in places of the axis."""


Marks = dict[str, Sequence[JudgedPair]]
"""The pairs behind each mark of a figure."""

MARKS = [Column("figure", "figure", "text"), Column("mark", "mark", "text"), Column("pairs", "pairs"), *BEHIND]


def draw(chosen: SelectedPairs, by: Sequence[str], folder: Path) -> Page:
    """Write the figures of each bench and task, and beside each the pairs behind its marks, as JSON.

    Raises AnalysisError if there is no judgment.
    """
    if not chosen.by_bench:
        raise AnalysisError("; ".join(["no judgment to draw", *chosen.notes]))
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    rows: list[dict[str, Any]] = []
    for bench, pairs in chosen.by_bench.items():
        title = title_of(bench, list(chosen.by_bench))
        for (task,), own in apart(pairs, ["task"]).items():
            stem = f"{task}-{bench.judge}-{bench.rubric}-{bench.detail}{'-simulated' if bench.simulated else ''}"
            for name, figure, marks in _figures(f"{task} · {title}", own, by):
                named = f"{name}-{stem}".replace("/", "_")
                written += _write(figure, marks, folder / named)
                rows += [
                    {"figure": named, "mark": mark, "pairs": len(own)} | behind(own) for mark, own in marks.items()
                ]
    marked = Table("marks", "pairs behind each mark", MARKS, rows)
    return Page(heads(list(chosen.by_bench)), [marked], chosen.notes, page="\n".join(map(str, written)))


def _write(figure: "Figure", marks: Marks, path: Path) -> list[Path]:
    """The figure in both forms, and its marks; `path` has no ending yet, and its name may hold dots."""
    files = [path.with_name(f"{path.name}.{ending}") for ending in ("svg", "png", "json")]
    figure.savefig(files[0], metadata={"Date": None})
    figure.savefig(files[1], dpi=150)
    sources = {mark: behind(pairs) for mark, pairs in marks.items()}
    files[2].write_text(json.dumps(sources, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return files


def _figures(what: str, pairs: Sequence[JudgedPair], by: Sequence[str]) -> Iterator[tuple[str, "Figure", Marks]]:
    heading = f"{what}\n{_n(pairs)}"
    known = [pair for pair in pairs if pair.levels.get("passes") is not None]
    if known:
        yield "gap-passes", *_passes(heading, known)
    yield "gap-arms", *_arms(heading, pairs, by)


def _passes(heading: str, pairs: Sequence[JudgedPair]) -> tuple["Figure", Marks]:
    """Gaps against the passes that the run took, subjects apart."""
    figure, axes = blank(f"Gap to the baseline by passes of the run\n{heading}")
    counts = sorted({int(str(pair.levels["passes"])) for pair in pairs})
    series = arms(pairs, ())
    marks: Marks = {}
    for place, (levels, own) in enumerate(series.items()):
        colour, marker = SERIES[place % len(SERIES)], MARKERS[place % len(MARKERS)]
        who = dict(zip(shown(pairs, ()), levels, strict=True))
        for (passes,), arm in apart(own, ["passes"]).items():
            _column(axes, counts.index(int(str(passes))) + OFFSET * place, arm, colour, marker)
            marks[f"{_named(who)}, passes {passes}"] = arm
        axes.plot([], [], marker, color=colour, label=_named(who))
    axes.set_xticks(range(len(counts)), [str(passes) for passes in counts])
    axes.set_xlim(-0.5, len(counts) - 0.5 + OFFSET * len(series))
    axes.set_xlabel(f"passes of the run ({LEAST})", fontsize=8)
    axes.axhline(0, color=PALE, lw=1, zorder=0)
    axes.set_ylabel(GAP, fontsize=8)
    figure.legend(frameon=False, fontsize=8, loc="outside lower left")
    return figure, marks


def _arms(heading: str, pairs: Sequence[JudgedPair], by: Sequence[str]) -> tuple["Figure", Marks]:
    """Gaps arm by arm, one line an arm."""
    by_levels = arms(pairs, by)
    figure, axes = blank(f"Gap to the baseline by arm\n{heading}", 2.2 + 0.55 * len(by_levels))
    labels = [dict(zip(shown(pairs, by), levels, strict=True)) for levels in by_levels]
    marks: Marks = {_named(who): arm for who, arm in zip(labels, by_levels.values(), strict=True)}
    for place, arm in enumerate(reversed(by_levels.values())):
        _line(axes, place, arm)
    axes.axvline(0, color=PALE, lw=1, zorder=0)
    axes.set_yticks(range(len(labels)), [_named(who, "\n") for who in reversed(labels)], fontsize=7)
    axes.set_ylim(-0.6, len(labels) - 0.4)
    axes.set_xlabel(f"{GAP}\n{LEAST}", fontsize=8)
    return figure, marks


def _named(levels: Mapping[str, Level], between: str = ", ") -> str:
    """An arm in words: who against whom, and what else tells it apart."""
    rest = [f"{name} {show(level)}" for name, level in levels.items() if name not in WHO]
    return between.join([f"{show(levels['subject'])} against {show(levels['baseline'])}", *rest])


def _column(axes: "Axes", x: float, pairs: Sequence[JudgedPair], colour: str, marker: str) -> None:
    """The pairs at one place, with their median and quartiles and how many they are."""
    gaps = [pair.gap() for pair in pairs]
    axes.plot([x] * len(gaps), gaps, marker, color=colour, ms=4, alpha=0.6)
    axes.plot([x - 0.05, x + 0.05], [median(gaps)] * 2, color=INK, lw=2.2)
    spread = quartiles(gaps)
    if spread:
        axes.plot([x, x], list(spread), color=INK, lw=1)
    axes.annotate(f"n={len(gaps)}", (x, max(gaps)), xytext=(4, 4), textcoords="offset points", fontsize=7, color=colour)


def _line(axes: "Axes", y: float, pairs: Sequence[JudgedPair]) -> None:
    gaps = [pair.gap() for pair in pairs]
    axes.plot(gaps, [y] * len(gaps), "o", color=SERIES[0], ms=4, alpha=0.6)
    axes.plot([median(gaps)] * 2, [y - 0.12, y + 0.12], color=INK, lw=2.2)
    spread = quartiles(gaps)
    if spread:
        axes.plot(list(spread), [y, y], color=INK, lw=1)
    axes.annotate(f"n={len(gaps)}", (max(gaps), y), xytext=(5, 4), textcoords="offset points", fontsize=7)


def _n(pairs: Sequence[JudgedPair]) -> str:
    judgments = sum(len(pair.judgments) for pair in pairs)
    return f"n = {len(pairs)} pairs, {judgments} judgments"
