"""Report of `judge agreement`: self-agreement of the judge, and its position bias."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from analysis.errors import AnalysisError
from analysis.judge.gaps import dimensions, heads, title_of
from analysis.judge.judgments import PairJudgment
from analysis.judge.pairs import JudgedPair, SelectedPairs
from analysis.judge.record import CandidateRole, PresentationOrder
from analysis.render import Column, CommandReport, Table, interval_columns
from analysis.stats.agreement import LEAST_CLUSTERS, alpha, alpha_interval
from analysis.stats.arms import Interval
from analysis.stats.signs import LEAST, signs

Session = Mapping[PresentationOrder, PairJudgment]
"""Both orders of one session of one pair."""

SESSIONS, JUDGMENTS = "sessions", "sessions and orders"
SEED = 8
"""Seed of the bootstrap, fixed so that results repeat."""

ALPHAS = [
    Column("dimension", "dimension", "level"),
    Column("over", "over", "level"),
    Column("pairs", "pairs"),
    Column("units", "units"),
    Column("values", "values"),
    *interval_columns("ordinal", "alpha, ordinal", "rate"),
    *interval_columns("interval", "alpha, interval", "rate"),
]
POSITION = [
    Column("dimension", "dimension", "level"),
    Column("pairs", "pairs"),
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
    "A less B: how much higher a candidate was scored as A than as B, mean of both; median over sessions, then pairs",
    f"sign test over pairs, two-sided, exact, exploratory, from {LEAST} pairs that favour a side on",
    "flipped: sessions whose winner changed with the order, of those that had a winner in both",
]


def agreement_report(chosen: SelectedPairs) -> CommandReport:
    """Tables of each bench by itself. Raises AnalysisError if there is no judgment at all."""
    if not chosen.by_bench:
        raise AnalysisError("; ".join(["no judgment to compare", *chosen.notes]))
    report = CommandReport(heads(list(chosen.by_bench)), [], chosen.notes)
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


def units_of(pair: JudgedPair, dimension: str, over: str) -> list[list[float]]:
    """Return the scores of each candidate of a pair over sessions, orders apart or together."""
    units: dict[tuple[CandidateRole, PresentationOrder | None], list[float]] = {}
    for one in pair.judgments:
        for role in CandidateRole:
            key = (role, one.order if over == SESSIONS else None)
            units.setdefault(key, []).append(one.value(role, dimension))
    return list(units.values())


def both_orders(pair: JudgedPair) -> list[Session]:
    """Sessions of a pair in which it was judged in both orders."""
    sessions: dict[int, dict[PresentationOrder, PairJudgment]] = {}
    for one in pair.judgments:
        if one.order is not None:
            sessions.setdefault(one.session, {})[one.order] = one
    return [session for session in sessions.values() if len(session) == len(PresentationOrder)]


def shift(session: Session, dimension: str) -> float:
    """Return how much higher a candidate is scored as A than as B, mean of both: half the difference of the gaps.

    If the position had no effect, the two orders could be exchanged, and its sign would be as likely one way as the
    other. The sign test asks that of pairs: sessions of one pair repeat each other, and add no evidence on others.
    """
    return (session[PresentationOrder.AB].gap(dimension) - session[PresentationOrder.BA].gap(dimension)) / 2


def _alphas(pairs: Sequence[JudgedPair]) -> list[dict[str, Any]]:
    return [_alpha(pairs, dimension, over) for dimension in dimensions(pairs) for over in (SESSIONS, JUDGMENTS)]


def _alpha(pairs: Sequence[JudgedPair], dimension: str, over: str) -> dict[str, Any]:
    clusters = [units_of(pair, dimension, over) for pair in pairs]
    units = [unit for cluster in clusters for unit in cluster if len(unit) > 1]
    row: dict[str, Any] = {"dimension": dimension, "over": over, "pairs": len(pairs), "units": len(units)}
    row["values"] = sum(map(len, units))
    for name in ("ordinal", "interval"):
        row[name] = alpha(units, ordinal=name == "ordinal")
        row[f"{name}_interval"] = alpha_interval(clusters, ordinal=name == "ordinal", seed=SEED)
    return row


def _positions(pairs: Sequence[JudgedPair]) -> list[dict[str, Any]]:
    judged = [sessions for sessions in map(both_orders, pairs) if sessions]
    return [_position(judged, dimension) for dimension in dimensions(pairs)] if judged else []


def _position(pairs: Sequence[Sequence[Session]], dimension: str) -> dict[str, Any]:
    shifts = [median(shift(session, dimension) for session in sessions) for sessions in pairs]
    counted = signs(shifts)
    gaps = [
        [session[order].gap(dimension) for order in PresentationOrder] for sessions in pairs for session in sessions
    ]
    decided = [both for both in gaps if signs(both).tied == 0]
    return {
        "dimension": dimension,
        "pairs": len(pairs),
        "sessions": len(gaps),
        "shift": median(shifts),
        "range": Interval(min(shifts), max(shifts)),
        "first": counted.above,
        "second": counted.below,
        "neither": counted.tied,
        "p": counted.p,
        "flipped": sum(first * second < 0 for first, second in decided),
        "decided": len(decided),
    }
