"""What `judge agreement` prints: whether the judge agrees with itself, and whether it favours a position."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from analysis.errors import AnalysisError
from analysis.judge.gaps import dimensions, heads, title_of
from analysis.judge.judgments import Judgment, median
from analysis.judge.pairs import Chosen, Pair
from analysis.judge.record import Order, Role
from analysis.render import Column, Report, Table
from analysis.stats.agreement import LEAST_CLUSTERS, alpha, alpha_interval
from analysis.stats.arms import Interval
from analysis.stats.signs import LEAST, signs

SESSIONS, JUDGMENTS = "sessions", "sessions and orders"
SEED = 8
"""Of the bootstrap: any would do, as long as the same question gets the same answer."""

ALPHAS = [
    Column("dimension", "dimension", "level"),
    Column("over", "over", "level"),
    Column("pairs", "pairs"),
    Column("units", "units"),
    Column("values", "values"),
    Column("ordinal", "alpha, ordinal", "rate"),
    Column("ordinal_interval", "95%", "rate"),
    Column("interval", "alpha, interval", "rate"),
    Column("interval_interval", "95%", "rate"),
]
POSITION = [
    Column("dimension", "dimension", "level"),
    Column("sessions", "sessions"),
    Column("shift", "A less B", "gap"),
    Column("range", "least, most", "gap"),
    Column("first", "favour A"),
    Column("second", "favour B"),
    Column("neither", "neither"),
    Column("p", "sign test p", "p"),
    Column("flipped", "flipped"),
    Column("decided", "of decided"),
]

ALPHA_NOTES = [
    f"over {SESSIONS}: each candidate in each order by itself; over {JUDGMENTS}: all that was said of a candidate",
    f"95%: bootstrap over pairs, seed {SEED}; none below {LEAST_CLUSTERS} pairs; no alpha if nothing was judged twice",
]
POSITION_NOTES = [
    "A less B: how much higher a candidate was scored as A than as B, mean of both; median over sessions",
    f"sign test two-sided, exact, exploratory, from {LEAST} sessions that favour a side on",
    "flipped: sessions whose winner changed with the order, of those that had a winner in both",
]


def agreement_report(chosen: Chosen) -> Report:
    """Tables of each bench by itself. Raises AnalysisError if there is no judgment at all."""
    if not chosen.by_bench:
        raise AnalysisError("; ".join(["no judgment to compare", *chosen.notes]))
    report = Report(heads(list(chosen.by_bench)), [], chosen.notes)
    for place, (bench, pairs) in enumerate(chosen.by_bench.items(), start=1):
        mark = f"_{place}" if len(chosen.by_bench) > 1 else ""
        title = title_of(bench, list(chosen.by_bench))
        positions = _positions(pairs)
        notes = [
            *ALPHA_NOTES,
            *([] if positions else ["no pair was judged in both orders: of positions nothing is known"]),
        ]
        report.tables.append(
            Table(f"agreement{mark}", f"agreement with itself · {title}", ALPHAS, _alphas(pairs), notes)
        )
        if positions:
            report.tables.append(Table(f"position{mark}", f"position · {title}", POSITION, positions, POSITION_NOTES))
    return report


def units_of(pair: Pair, dimension: str, over: str) -> list[list[float]]:
    """What each candidate of a pair was given, by session; with each order apart, or both together."""
    units: dict[tuple[Role, Order | None], list[float]] = {}
    for one in pair.judgments:
        for role in Role:
            key = (role, one.order if over == SESSIONS else None)
            units.setdefault(key, []).append(one.value(role, dimension))
    return list(units.values())


def both_orders(pairs: Iterable[Pair]) -> list[Mapping[Order, Judgment]]:
    """Sessions of a pair in which it was judged in both orders."""
    sessions: dict[tuple[str, int], dict[Order, Judgment]] = {}
    for pair in pairs:
        for one in pair.judgments:
            if one.order is not None:
                sessions.setdefault((pair.id, one.session), {})[one.order] = one
    return [session for session in sessions.values() if len(session) == len(Order)]


def shift(session: Mapping[Order, Judgment], dimension: str) -> float:
    """How much higher a candidate is scored as A than as B, mean of both candidates.

    It is half of the difference of the two gaps. If the position had no effect, the two orders could be exchanged,
    and its sign would be as likely one way as the other, session by session: what the sign test asks.
    """
    return (session[Order.AB].gap(dimension) - session[Order.BA].gap(dimension)) / 2


def _alphas(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    return [_alpha(pairs, dimension, over) for dimension in dimensions(pairs) for over in (SESSIONS, JUDGMENTS)]


def _alpha(pairs: Sequence[Pair], dimension: str, over: str) -> dict[str, Any]:
    clusters = [units_of(pair, dimension, over) for pair in pairs]
    units = [unit for cluster in clusters for unit in cluster if len(unit) > 1]
    row: dict[str, Any] = {"dimension": dimension, "over": over, "pairs": len(pairs), "units": len(units)}
    row["values"] = sum(map(len, units))
    for name in ("ordinal", "interval"):
        row[name] = alpha(units, ordinal=name == "ordinal")
        row[f"{name}_interval"] = alpha_interval(clusters, ordinal=name == "ordinal", seed=SEED)
    return row


def _positions(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    sessions = both_orders(pairs)
    return [_position(sessions, dimension) for dimension in dimensions(pairs)] if sessions else []


def _position(sessions: Sequence[Mapping[Order, Judgment]], dimension: str) -> dict[str, Any]:
    shifts = [shift(session, dimension) for session in sessions]
    counted = signs(shifts)
    decided = [session for session in sessions if signs(_gaps(session, dimension)).tied == 0]
    return {
        "dimension": dimension,
        "sessions": len(sessions),
        "shift": median(shifts),
        "range": Interval(min(shifts), max(shifts)),
        "first": counted.above,
        "second": counted.below,
        "neither": counted.tied,
        "p": counted.p,
        "flipped": sum(a * b < 0 for session in decided for a, b in pairwise(_gaps(session, dimension))),
        "decided": len(decided),
    }


def _gaps(session: Mapping[Order, Judgment], dimension: str) -> list[float]:
    return [session[order].gap(dimension) for order in Order]
