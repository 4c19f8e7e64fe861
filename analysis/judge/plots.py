"""Figures of gaps, as SVG and PNG: each tells its judge, its n, and what was simulated."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import AnalysisError
from analysis.judge.gaps import quartiles, title_of
from analysis.judge.judgments import median
from analysis.judge.pairs import WHO, Chosen, Pair, arms, shown
from analysis.plots import INK, MARKERS, PALE, SERIES, blank
from analysis.render import show

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GAP = "gap: subject less baseline"
LEAST = "median of an arm: thick mark; quartiles: thin line, from four pairs on; each point is a pair"


def draw(chosen: Chosen, by: Sequence[str], folder: Path) -> list[Path]:
    """Write the figures of each bench and task. Raises AnalysisError if there is no judgment."""
    if not chosen.by_bench:
        raise AnalysisError("; ".join(["no judgment to draw", *chosen.notes]))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for bench, pairs in chosen.by_bench.items():
        title = title_of(bench, list(chosen.by_bench))
        for task in sorted({str(pair.levels["task"]) for pair in pairs}):
            own = [pair for pair in pairs if pair.levels["task"] == task]
            stem = f"{task}-{bench.judge}-{bench.rubric}-{bench.detail}{'-simulated' if bench.simulated else ''}"
            for name, figure in _figures(f"{task} · {title}", own, by):
                for ending in ("svg", "png"):
                    path = folder / f"{name}-{stem.replace('/', '_')}.{ending}"
                    figure.savefig(path, dpi=150, metadata={"Date": None} if ending == "svg" else None)
                    written.append(path)
    return written


def _figures(what: str, pairs: Sequence[Pair], by: Sequence[str]) -> Iterator[tuple[str, "Figure"]]:
    heading = f"{what}\n{_n(pairs)}"
    if any(pair.levels.get("passes") is not None for pair in pairs):
        yield "gap-passes", _passes(heading, [pair for pair in pairs if pair.levels.get("passes") is not None])
    yield "gap-arms", _arms(heading, pairs, by)


def _passes(heading: str, pairs: Sequence[Pair]) -> "Figure":
    """Gaps against the passes that the run took, subjects apart."""
    figure, axes = blank(f"Gap to the baseline by passes of the run\n{heading}")
    counts = sorted({int(str(pair.levels["passes"])) for pair in pairs})
    for place, (who, own) in enumerate(arms(pairs, ()).items()):
        colour, marker = SERIES[place % len(SERIES)], MARKERS[place % len(MARKERS)]
        offset = 0.14 * place
        for x, passes in enumerate(counts):
            gaps = [pair.gap() for pair in own if pair.levels["passes"] == passes]
            if gaps:
                _column(axes, x + offset, gaps, colour, marker)
        axes.plot([], [], marker, color=colour, label=f"{show(who[1])} against {show(who[2])}")
    axes.set_xticks(range(len(counts)), [str(passes) for passes in counts])
    axes.set_xlim(-0.5, len(counts) - 0.5 + 0.14 * len(arms(pairs, ())))
    axes.set_xlabel(f"passes of the run ({LEAST})", fontsize=8)
    _level(axes)
    figure.legend(frameon=False, fontsize=8, loc="outside lower left")
    return figure


def _arms(heading: str, pairs: Sequence[Pair], by: Sequence[str]) -> "Figure":
    """Gaps arm by arm, one line an arm."""
    found = arms(pairs, by)
    figure, axes = blank(f"Gap to the baseline by arm\n{heading}", 2.2 + 0.55 * len(found))
    names = shown(pairs, by)
    labels = []
    for place, (levels, own) in enumerate(reversed(found.items())):
        gaps = [pair.gap() for pair in own]
        told = dict(zip(names, levels, strict=True))
        rest = [", ".join(f"{name} {show(told[name])}" for name in names[len(WHO) :])] * (len(names) > len(WHO))
        labels.append("\n".join([show(told["subject"]), f"against {show(told['baseline'])}", *rest]))
        _line(axes, place, gaps)
    axes.axvline(0, color=PALE, lw=1, zorder=0)
    axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_ylim(-0.6, len(labels) - 0.4)
    axes.set_xlabel(f"{GAP}\n{LEAST}", fontsize=8)
    return figure


def _column(axes: "Axes", x: float, gaps: Sequence[float], colour: str, marker: str) -> None:
    """The pairs at one place, with their median and quartiles and how many they are."""
    axes.plot([x] * len(gaps), gaps, marker, color=colour, ms=4, alpha=0.6)
    axes.plot([x - 0.05, x + 0.05], [median(gaps)] * 2, color=INK, lw=2.2)
    spread = quartiles(gaps)
    if spread:
        axes.plot([x, x], list(spread), color=INK, lw=1)
    axes.annotate(f"n={len(gaps)}", (x, max(gaps)), xytext=(4, 4), textcoords="offset points", fontsize=7, color=colour)


def _line(axes: "Axes", y: float, gaps: Sequence[float]) -> None:
    axes.plot(gaps, [y] * len(gaps), "o", color=SERIES[0], ms=4, alpha=0.6)
    axes.plot([median(gaps)] * 2, [y - 0.12, y + 0.12], color=INK, lw=2.2)
    spread = quartiles(gaps)
    if spread:
        axes.plot(list(spread), [y, y], color=INK, lw=1)
    axes.annotate(f"n={len(gaps)}", (max(gaps), y), xytext=(5, 4), textcoords="offset points", fontsize=7)


def _level(axes: "Axes") -> None:
    axes.axhline(0, color=PALE, lw=1, zorder=0)
    axes.set_ylabel(GAP, fontsize=8)


def _n(pairs: Sequence[Pair]) -> str:
    judgments = sum(len(pair.judgments) for pair in pairs)
    return f"n = {len(pairs)} pairs, {judgments} judgments"
