"""Published judgments, computed again: gaps to a bar, and offsets between judges."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import mean, median

from analysis.study.published.ledger import PublishedResults, Row, agrees, number

AS_PRINTED, ROUNDED, OTHERWISE = "as printed", "within rounding", "not reproduced"

NEEDED = {
    "dimensions": "weighted means",
    "modernize_findings": "counts of modernizer findings",
    "order": "effects of the position",
    "session": "agreement of a judge with itself",
}
"""Columns that would be needed, each with what cannot be computed again without it."""


def mid_range(scores: Sequence[float]) -> float:
    """Half way between the least and the largest."""
    return (min(scores) + max(scores)) / 2


MIDDLES: dict[str, Callable[[Sequence[float]], float]] = {"median": median, "mean": mean, "mid-range": mid_range}
"""Ways to reduce several scores to one."""


@dataclass(frozen=True)
class ScoreDifference:
    """A printed difference of two scores, and the scores."""

    row: Row
    column: str
    """gap_printed or offset_printed."""
    score: float
    against: Sequence[float]
    """The scores that it was taken from; one, unless the other was scored several times."""
    slack: float
    """Largest error from rounding each of the scores and the difference."""

    @property
    def printed(self) -> float:
        return number(self.row[self.column]) or 0.0

    @property
    def ways(self) -> dict[str, float]:
        """Return the difference for each way to reduce several scores to one."""
        middles = MIDDLES if len(self.against) > 1 else {"difference": mean}
        return {name: self.score - middle(self.against) for name, middle in middles.items()}

    @property
    def value(self) -> float:
        """By the median, where there are several scores."""
        return next(iter(self.ways.values()))

    @property
    def verdict(self) -> str:
        """Return whether the scores give the printed value; the median stands for several scores."""
        if agrees(self.printed, round(self.value, 9), self.row[self.column]):
            return AS_PRINTED
        return ROUNDED if abs(self.value - self.printed) <= self.slack + 1e-9 else OTHERWISE


def differences(published: PublishedResults) -> Iterator[ScoreDifference]:
    """Every printed gap and offset whose scores were printed too."""
    for row in published.judgments:
        score = number(row["score"])
        texts = {"gap_printed": [row["bar_score"]], "offset_printed": _elsewhere(published, row)}
        for column, against in texts.items():
            scores = [one for text in against if (one := number(text)) is not None]
            if number(row[column]) is None or score is None or not scores:
                continue
            # Of a table, 0.70 may have come as 0.7: all three were rounded to the finest digit among them.
            slack = 3 / 2 * min(_unit(text) for text in (row[column], row["score"], against[0]))
            yield ScoreDifference(row, column, score, scores, slack)


def baseline_spreads(published: PublishedResults) -> dict[tuple[str, ...], tuple[float, float]]:
    """The least and the largest score that one judge gave one bar under one rubric."""
    scores: dict[tuple[str, ...], list[float]] = {}
    for row in published.judgments:
        score = number(row["bar_score"])
        if score is not None:
            scores.setdefault(baseline_of(row), []).append(score)
    return {name: (min(values), max(values)) for name, values in scores.items()}


def baseline_of(row: Row) -> tuple[str, ...]:
    """Return the key of rows with the same bar under the same judge."""
    return row["task"], row["judge"], row["rubric"], row["bar"]


def is_bar(row: Row, name: str) -> bool:
    """Return whether a row scores the bar of this name itself."""
    return row["candidate"] in (name, f"{name} bar")


def not_printed(published: PublishedResults) -> list[str]:
    """Return what cannot be computed again, for want of a column."""
    columns = {column for row in published.judgments for column in row}
    return [f"{what} ({column})" for column, what in NEEDED.items() if column not in columns]


def _elsewhere(published: PublishedResults, row: Row) -> list[str]:
    """The scores that another judge gave the same code, or the same bar in each of its rows, on the same day."""
    others = [
        one
        for one in published.judgments
        if one["judge"] != row["judge"] and all(one[name] == row[name] for name in ("task", "rubric", "date"))
    ]
    same = [one["score"] for one in others if one["candidate"] == row["candidate"]]
    return same or [one["bar_score"] for one in others if one["bar"] and is_bar(row, one["bar"])]


def _unit(text: str) -> float:
    return 10.0 ** -len(text.partition(".")[2])
