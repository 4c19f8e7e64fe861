"""Picture of completion rates: one line an arm, a dot for the rate and a bar for its 95% interval."""

from collections.abc import Sequence
from typing import NamedTuple

from analysis.pages.nodes import Node, element

ROW, PLOT, RIGHT, TOP = 22, 320, 70, 8
"""Pixels: of a line, of the scale, right of it, above it."""

LETTER = 6.6
"""Pixels of a letter, about."""

LETTERS = 46
"""Letters of a label that fit."""


class RatedArm(NamedTuple):
    """One arm of a picture."""

    label: str
    completed: int
    runs: int
    """Results; 0 draws no mark."""
    interval: tuple[float, float] | None
    link: str


def rates_picture(arms: Sequence[RatedArm]) -> Node | None:
    """Return the picture; None for a single arm, of which the table says all."""
    if len(arms) < 2:
        return None
    label = round(LETTER * min(LETTERS, max(len(arm.label) for arm in arms))) + 16
    height = TOP + ROW * len(arms) + 24
    floor = TOP + ROW * len(arms)
    scale = [
        part
        for percent in (0, 25, 50, 75, 100)
        for part in (
            element("line", x1=_x(label, percent / 100), x2=_x(label, percent / 100), y1=TOP, y2=floor, class_="grid"),
            element("text", f"{percent}%", x=_x(label, percent / 100), y=floor + 16, text_anchor="middle"),
        )
    ]
    width = label + PLOT + RIGHT
    drawn = (_arm(label, place, arm) for place, arm in enumerate(arms))
    named = "Completion rate of each arm with its 95% interval"
    box = f"0 0 {width} {height}"
    size = {"viewBox": box, "width": width, "height": height}
    picture = element("svg", *scale, *drawn, **size, role="img", class_="rates", aria_label=named)
    return element("div", picture, class_="scroll")


def _arm(left: int, place: int, arm: RatedArm) -> Node:
    middle = TOP + ROW * place + ROW / 2
    label = arm.label if len(arm.label) <= LETTERS else arm.label[: LETTERS - 1] + "…"
    parts = [
        element("title", f"{arm.label}: {arm.completed} of {arm.runs} completed"),
        element("rect", x=0, y=middle - ROW / 2, width=left + PLOT + RIGHT, height=ROW, class_="hit"),
        element("text", label, x=left - 14, y=middle + 4, text_anchor="end"),
        element("text", f"{arm.completed}/{arm.runs}", x=left + PLOT + 14, y=middle + 4, text_anchor="start"),
    ]
    if arm.runs and arm.interval is not None:
        low, high = arm.interval
        parts.append(element("line", x1=_x(left, low), x2=_x(left, high), y1=middle, y2=middle, class_="interval"))
        parts.append(element("circle", cx=_x(left, arm.completed / arm.runs), cy=middle, r=4.5, class_="rate"))
    return element("a", *parts, href=arm.link)


def _x(left: int, rate: float) -> float:
    return round(left + PLOT * rate, 1)
