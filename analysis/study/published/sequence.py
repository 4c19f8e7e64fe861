"""Order of runs and ledgers: outcomes that came sorted, ledgers that shrank, and pools older than their parts."""

import re
from collections.abc import Iterator, Sequence
from math import comb, erfc, sqrt

from analysis.study.published.flag import Flag
from analysis.study.published.ledger import PublishedArm, PublishedResults, Row
from analysis.study.published.prose import outcomes
from analysis.study.published.recompute import ALPHA

EXACT = 40
"""Runs up to which the chance of an order is enumerated; beyond, the normal approximation is close."""
LEAST = 2
"""Runs of either outcome below which no order says anything."""


def sequence_flags(published: PublishedResults) -> Iterator[Flag]:
    """Outcomes that came sorted, orders that contradict counts or times, and ledgers that shrank or lack a part."""
    for arm in published.arms.values():
        for order, source in _orders(published, arm):
            completed = sum(order)
            if len(order) == arm.n and arm.completed is not None and completed != arm.completed:
                text = f"{source} holds {completed} completions, but {arm.completed}/{arm.n} are printed"
                yield Flag("sequence", arm.id, text)
            elif text := drift(order):
                yield Flag("sequence", arm.id, f"{source}: {text}")
        yield from _shrunk(published, arm)
        yield from _older(published, arm)
    yield from _untimely(published)


def drift(order: Sequence[bool]) -> str:
    """Say so if an order of outcomes is as sorted as it can be, or hardly comes about by chance; empty if not."""
    completed = sum(order)
    if min(completed, len(order) - completed) < LEAST:
        return ""
    p, separated = chance(order), [*order] in (sorted(order), sorted(order, reverse=True))
    letters = " ".join("C" if one else "S" for one in order)
    if separated:
        return f"{letters}: all of one outcome came first (chance {p:.2g} in either direction): the rate may have moved"
    return f"{letters}: so sorted by chance {p:.2g}: the rate may have moved" if p <= ALPHA else ""


def chance(order: Sequence[bool]) -> float:
    """Two-sided rank-sum p of the places of the completions, exact for up to `EXACT` runs."""
    n, k = len(order), sum(order)
    middle = k * (n + 1) / 2
    seen = abs(sum(place for place, one in enumerate(order, start=1) if one) - middle)
    if n > EXACT:
        return erfc(seen / sqrt(k * (n - k) * (n + 1) / 12) / sqrt(2))
    ways: dict[tuple[int, int], int] = {(0, 0): 1}
    for place in range(1, n + 1):
        for (chosen, total), number in list(ways.items()):
            if chosen < k:
                ways[chosen + 1, total + place] = ways.get((chosen + 1, total + place), 0) + number
    extreme = sum(number for (chosen, total), number in ways.items() if chosen == k and abs(total - middle) >= seen)
    return extreme / comb(n, k)


def _orders(published: PublishedResults, arm: PublishedArm) -> Iterator[tuple[list[bool], str]]:
    """The order of an arm's outcomes, as its runs or its note print it; the note only where no run is numbered."""
    rows = [row for row in published.runs_of.get(arm.id, []) if row["order_in_arm"] and row["outcome"]]
    if rows and len(rows) == arm.n:
        yield [row["outcome"] == "completed" for row in sorted(rows, key=_place)], "the order of its runs"
    noted = outcomes(arm.row["note"])
    if noted and (not rows or [row["outcome"] == "completed" for row in sorted(rows, key=_place)] != noted):
        yield noted, "its note"


def _place(row: Row) -> int:
    return int(row["order_in_arm"])


def _shrunk(published: PublishedResults, arm: PublishedArm) -> Iterator[Flag]:
    """Earlier prints of a ledger that hold more than a later one: a ledger only grows."""
    for other in published.arms.values():
        earlier = other.row["status"] == "removed" and other.id.startswith(f"{arm.id}-") and other.cell == arm.cell
        if not earlier or arm.row["status"] != "current":
            continue
        for name, before, after in (("runs", other.n, arm.n), ("completions", other.completed, arm.completed)):
            if before is not None and after is not None and before > after:
                yield Flag("sequence", other.id, f"{before} {name} in the earlier ledger, {after} in {arm.id}")


def _older(published: PublishedResults, arm: PublishedArm) -> Iterator[Flag]:
    """Pools that were printed of a time that does not hold all of their parts."""
    if not arm.pooled or not arm.row["date"]:
        return
    first, last = _days(arm.row["date"])
    for part in published.parts(arm):
        if part.row["date"]:
            begin, end = _days(part.row["date"])
            if begin < first or end > last:
                text = f"is of {arm.row['date']}, but its part {part.id} is of {part.row['date']}"
                yield Flag("sequence", arm.id, text)


def _days(text: str) -> tuple[str, str]:
    """The first and the last day of a date or a range such as 2026-06-06..07."""
    first, _, last = text.partition("..")
    return first, first[: len(first) - len(last)] + last


def _untimely(published: PublishedResults) -> Iterator[Flag]:
    """Runs whose printed times contradict their printed order."""
    for arm, rows in published.runs_of.items():
        timed = [row for row in rows if row["order_in_arm"] and re.match(r"\d{4}-", row["time"])]
        times = [row["time"] for row in sorted(timed, key=_place)]
        if times != sorted(times):
            yield Flag("sequence", arm, f"its runs are numbered otherwise than they were timed: {', '.join(times)}")
