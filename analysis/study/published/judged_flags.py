"""Faults of published judgments, found by rules that know none of them by name."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from analysis.judge.model import normalised
from analysis.study.published.flag import Flag
from analysis.study.published.judged import (
    OTHERWISE,
    ScoreDifference,
    baseline_of,
    baseline_spreads,
    differences,
    is_bar,
)
from analysis.study.published.ledger import PublishedResults, Row, number

FEW = 3
"""Rows that a finding names one by one."""


def arithmetic(published: PublishedResults) -> Iterator[Flag]:
    """Gaps and offsets that their own scores do not give, rounding allowed for."""
    for one in differences(published):
        if one.verdict == OTHERWISE:
            yield Flag("arithmetic", one.row["id"], f"printed {_name(one)} {one.printed:+g}, {_ways(one)}")


def noise(published: PublishedResults) -> Iterator[Flag]:
    """Gaps no larger than the wandering of their own bar under their own judge."""
    spreads = baseline_spreads(published)
    for row in gaps(published):
        gap = number(row["gap_printed"]) or 0.0
        low, high = spreads.get(baseline_of(row), (0.0, 0.0))
        if 0 < abs(gap) <= high - low:
            text = f"gap {gap:+g}, while the same bar was scored {low:g} to {high:g} by this judge"
            yield Flag("noise", row["id"], text)


def mixtures(published: PublishedResults) -> Iterator[Flag]:
    """Differences across judges, and tables that hold several judges or rubrics."""
    by_part: dict[str, list[Row]] = {}
    for row in published.judgments:
        by_part.setdefault(row["part"], []).append(row)
    offsets = Counter(one.row["part"] for one in differences(published) if one.column == "offset_printed")
    for part, rows in by_part.items():
        if offsets[part]:
            text = f"{offsets[part]} offsets subtract scores of two judges: scores are ordinal, each judge's its own"
            yield Flag("mixture", part, text)
        for name in ("judge", "rubric"):
            values = sorted({row[name] for row in rows})
            if len(values) > 1:
                yield Flag("mixture", part, f"one table, {len(values)} {name}s: {', '.join(values)}")
    rubrics = sorted({row["rubric"] for row in published.judgments})
    if len(rubrics) > 1:
        yield Flag("mixture", "all judgments", f"{len(rubrics)} rubrics ({', '.join(rubrics)}): their rows never pool")


def repeated(published: PublishedResults) -> Iterator[Flag]:
    """Scores of a bar that several gaps share, and code that is in several rows."""
    shared: dict[tuple[str, ...], list[Row]] = {}
    for row in gaps(published):
        shared.setdefault((*baseline_of(row), row["date"]), []).append(row)
    for rows in shared.values():
        scores = {row["bar_score"] for row in rows}
        if len(rows) > 1 and len(scores) == 1:
            text = f"{len(rows)} gaps share one printed score of their bar ({scores.pop()}): not independent"
            yield Flag("overlap", _ids(rows), text)
    code: dict[tuple[str, ...], list[Row]] = {}
    for row in published.judgments:
        code.setdefault((row["task"], row["candidate"], row["subject_model"]), []).append(row)
    for rows in code.values():
        if len(rows) > 1:
            yield Flag("overlap", _ids(rows), f"the same code in {len(rows)} rows: count it once")


def authors(published: PublishedResults) -> Iterator[Flag]:
    """Judges of their own work, and bars that were written by a relative of the judge when the subjects were not."""
    kin: dict[tuple[str, str], list[Row]] = {}
    for row in published.judgments:
        judge, level = model(row["judge"]), _bar_model(published, row["bar"])
        for author in filter(None, (row["subject_model"], level)):
            if judge and normalised(judge) == normalised(author):
                yield Flag("author", row["id"], f"{author} is judged by itself")
        if judge and level and family(judge) == family(level) != family(row["subject_model"]):
            kin.setdefault((judge, level), []).append(row)
    for (judge, level), rows in kin.items():
        text = f"judge {judge} and bar {level} are of one family, the subjects are not: a favour would widen the gap"
        yield Flag("author", _ids(rows), text)


def unversioned(published: PublishedResults) -> Iterator[Flag]:
    """Rows that do not say which model judged."""
    rows = [row for row in published.judgments if not model(row["judge"])]
    if rows:
        names = ", ".join(sorted({row["judge"] for row in rows}))
        yield Flag("mixture", _ids(rows), f"judge {names}: which model that was is not printed, so it pools with none")


def orders(published: PublishedResults) -> Iterator[Flag]:
    """Gaps of which it is not known in which order the candidates were shown, or that were shown in one only."""
    rows = gaps(published)
    unknown = [row for row in rows if not row.get("order")]
    if unknown:
        text = f"{len(unknown)} of {len(rows)} gaps do not say which candidate was shown first: position may be in them"
        yield Flag("order", "all gaps" if len(unknown) == len(rows) else _ids(unknown), text)


def singles(published: PublishedResults) -> Iterator[Flag]:
    """Gaps that were judged once."""
    rows = gaps(published)
    counts = Counter((*baseline_of(row), row["candidate"], row["subject_model"]) for row in rows)
    once = [row for row in rows if counts[(*baseline_of(row), row["candidate"], row["subject_model"])] == 1]
    if once:
        text = f"{len(once)} of {len(rows)} gaps rest on one judgment: how far it would repeat is unknown"
        yield Flag("single", "all gaps" if len(once) == len(rows) else _ids(once), text)


def gaps(published: PublishedResults) -> list[Row]:
    """Rows with a printed gap."""
    return [row for row in published.judgments if number(row["gap_printed"]) is not None]


def model(judge: str) -> str:
    """The model that a judge is, as printed in brackets behind what it is called; empty if it is not."""
    match = re.search(r"\(([^()]+)\)", judge)
    return match[1] if match else ""


def family(name: str) -> str:
    """Return the family of a model: the letters that its name begins with."""
    match = re.match(r"[a-z]+", name.casefold())
    return match[0] if match else name


def _bar_model(published: PublishedResults, name: str) -> str:
    """Return the author of a bar, if a row of its own names it."""
    return next((row["subject_model"] for row in published.judgments if name and is_bar(row, name)), "")


def _name(one: ScoreDifference) -> str:
    return one.column.removesuffix("_printed")


def _ways(one: ScoreDifference) -> str:
    if len(one.against) == 1:
        return f"{one.score:g} − {one.against[0]:g} is {one.value:+.3f}"
    differences = ", ".join(f"{value:+.3f} to their {name}" for name, value in one.ways.items())
    return f"{one.score:g} less {len(one.against)} scores is {differences}"


def _ids(rows: Sequence[Row]) -> str:
    """All of a few, the ends of many."""
    ids = [row["id"] for row in rows]
    return ", ".join(ids) if len(ids) <= FEW else f"{ids[0]}, …, {ids[-1]} ({len(ids)})"
