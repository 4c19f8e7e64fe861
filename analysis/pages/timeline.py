"""Timeline of a run: one column a pass, drawn as SVG."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.pages.fields import count, figure, number, text
from analysis.pages.nodes import Node, element

WIDTH, LEFT, TOP, HEIGHT, ROW = 46, 118, 16, 110, 20
"""Pixels: of a column, left of the columns, above the bars, of the bars, of a line of numbers."""

MOST = 400
"""Passes that are drawn; a run has rarely more than 100."""

LINES = ("loads", "acts", "packages passing", "files changed")


def timeline(run: str, passes: Sequence[Mapping[str, Any]], limit: int | None, total: int | None) -> Node | None:
    """Return the picture of a run's passes; None without one.

    A bar is the largest context of the pass in tokens, the dashed line is `ctx_limit`. A bar is pale if the pass wrote
    no file. Each column links to its pass.
    """
    drawn = passes[:MOST]
    if not drawn:
        return None
    peaks = [number(one.get("peak_tokens")) or 0.0 for one in drawn]
    most = max([*peaks, float(limit or 0), 1.0])
    width, height = LEFT + WIDTH * len(drawn) + 70, TOP + HEIGHT + ROW * (len(LINES) + 1) + 8
    floor = TOP + HEIGHT
    parts: list[Node] = [
        _label(LEFT - 10, TOP + 10, "tokens", "end"),
        _label(LEFT - 10, floor + ROW - 5, "pass", "end"),
    ]
    parts += [_label(LEFT - 10, floor + ROW * (place + 2) - 5, name, "end") for place, name in enumerate(LINES)]
    parts.append(_rule(LEFT - 4, floor, width - 64, "axis"))
    parts += [_column(run, index, one, peaks[index] / most * HEIGHT, total) for index, one in enumerate(drawn)]
    if limit:
        level = floor - limit / most * HEIGHT
        parts.append(_rule(LEFT - 4, level, width - 64, "limit"))
        parts.append(_label(width - 60, level + 4, f"{limit:,}", "start"))
    picture = element(
        "svg",
        *parts,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        class_="timeline",
        aria_label=f"Passes of the run: tokens, loads, acts, packages passing. {len(drawn)} passes.",
    )
    return element("div", picture, class_="scroll")


def _column(run: str, index: int, one: Mapping[str, Any], height: float, total: int | None) -> Node:
    left, floor = LEFT + WIDTH * index, TOP + HEIGHT
    acts, green, changed = count(one.get("acts")), count(one.get("packages_green")), one.get("changed")
    packages = "?" if green is None else f"{green}/{total}" if total else str(green)
    values = [
        figure(one.get("loads")),
        figure(one.get("acts")),
        packages,
        {True: "yes", False: "no"}.get(changed, "?") if isinstance(changed, bool) else "?",
    ]
    said = f"pass {index + 1}: {figure(one.get('peak_tokens'))} tokens, ended: {text(one.get('reason')) or 'not yet'}"
    kind = "bar idle" if acts == 0 else "bar"
    middle = left + WIDTH / 2
    return element(
        "a",
        element("title", said),
        element("rect", x=left, y=TOP, width=WIDTH, height=HEIGHT + ROW * (len(LINES) + 1), class_="hit"),
        element("rect", x=left + 8, y=round(floor - height, 1), width=WIDTH - 16, height=round(height, 1), class_=kind),
        _label(middle, floor + ROW - 5, str(index + 1), "middle"),
        *(
            _label(middle, floor + ROW * (place + 2) - 5, value, "middle", "no" if value == "no" else None)
            for place, value in enumerate(values)
        ),
        href=f"#run={run}&at={index + 1}",
    )


def _label(x: float, y: float, words: str, anchor: str, style: str | None = None) -> Node:
    return element("text", words, x=round(x, 1), y=round(y, 1), text_anchor=anchor, class_=style)


def _rule(x: float, y: float, end: float, style: str) -> Node:
    return element("line", x1=x, y1=round(y, 1), x2=end, y2=round(y, 1), class_=style)
