"""Published judgments: gaps, offsets between judges, and how far the bar itself wanders."""

from collections.abc import Iterator

from analysis.published.flags import Flag
from analysis.published.ledger import Published, Row, number


def judgment_flags(published: Published) -> Iterator[Flag]:
    """Gaps that their own scores do not give, and gaps no larger than the wandering of the bar."""
    spreads = bar_spreads(published)
    for row in published.judgments:
        gap, score, bar = (number(row[name]) for name in ("gap_printed", "score", "bar_score"))
        if gap is None or score is None or bar is None:
            continue
        # Each of the three was rounded by itself.
        slack = sum(_unit(row[name]) / 2 for name in ("gap_printed", "score", "bar_score"))
        if abs(score - bar - gap) > slack + 1e-9:
            yield Flag("arithmetic", row["id"], f"printed gap {gap:+g}, {score:g} − {bar:g} is {score - bar:+.3f}")
        low, high = spreads[_bar(row)]
        if 0 < abs(gap) <= high - low:
            text = f"gap {gap:+g}, while the same bar was scored {low:g} to {high:g} by this judge"
            yield Flag("noise", row["id"], text)


def bar_spreads(published: Published) -> dict[tuple[str, ...], tuple[float, float]]:
    """The least and the largest score that one judge gave one bar under one rubric."""
    scores: dict[tuple[str, ...], list[float]] = {}
    for row in published.judgments:
        score = number(row["bar_score"])
        if score is not None:
            scores.setdefault(_bar(row), []).append(score)
    return {bar: (min(found), max(found)) for bar, found in scores.items()}


def _bar(row: Row) -> tuple[str, ...]:
    return row["task"], row["judge"], row["rubric"], row["bar"]


def _unit(text: str) -> float:
    return 10.0 ** -len(text.partition(".")[2])
