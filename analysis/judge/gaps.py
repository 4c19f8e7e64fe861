"""Report of `judge table`: gaps between subjects and their baselines, by arm."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from analysis.errors import AnalysisError
from analysis.judge.judgments import SCORE, JudgeConditions, Line
from analysis.judge.pairs import JudgedPair, SelectedPairs, arms, pooled_over, shown
from analysis.judge.record import CandidateRole
from analysis.judge.signals_report import known_median, row
from analysis.render import Column, CommandReport, Table, level_columns
from analysis.stats.arms import Interval
from analysis.stats.signs import LEAST, signs

LEAST_QUARTILES = 4
"""Pairs below which quartiles would be invented."""

SPREAD = [
    Column("gap", "gap", "gap"),
    Column("quartiles", "quartiles", "gap"),
    Column("range", "least, most", "gap"),
]
COUNTS = [Column("pairs", "pairs"), Column("judgments", "judgments")]
BEHIND = [Column("pair_ids", "pair ids", "text", data=True), Column("run_ids", "run ids", "text", data=True)]
SIGNS = [
    Column("above", "above"),
    Column("below", "below"),
    Column("tied", "tied"),
    Column("p", "sign test p", "p"),
    Column("flagged", "flagged"),
]
SIGNAL_COLUMNS = [
    Column("modernize", "modernize"),
    Column("modernize_bar", "bar's"),
    Column("vet", "vet"),
    Column("vet_bar", "bar's"),
    Column("gofmt", "gofmt"),
    Column("gofmt_bar", "bar's"),
    Column("code_lines", "code lines"),
    Column("code_lines_bar", "bar's"),
]
EACH = [
    Column("pair", "pair", "text"),
    Column("run_id", "run", "text"),
    Column("passes", "passes", "level"),
    Column("judgments", "judgments"),
    Column("gap", "gap", "gap"),
    Column("range", "least, most", "gap"),
    Column("flags", "flags", "text"),
]

HOW = [
    "gap: subject less baseline, of a pair the median over its sessions and both orders, of an arm over its pairs",
    f"scores are ordinal: medians only; sign test two-sided, exact, exploratory, from {LEAST} untied pairs on",
]


def gaps_report(chosen: SelectedPairs, by: Sequence[str], *, each: bool = False) -> CommandReport:
    """Tables of each bench by itself. Raises AnalysisError if there is no judgment at all."""
    if not chosen.by_bench:
        raise AnalysisError("; ".join(["no judgment to show", *chosen.notes]))
    report = CommandReport(heads(list(chosen.by_bench)), [], chosen.notes)
    for place, (bench, pairs) in enumerate(chosen.by_bench.items(), start=1):
        mark = f"_{place}" if len(chosen.by_bench) > 1 else ""
        title = title_of(bench, list(chosen.by_bench))
        notes = [*HOW, *pooled_over(pairs, by), *_cautions(pairs)]
        report.tables.append(_scores(pairs, by, f"gaps{mark}", f"gaps to the baseline · {title}", notes))
        report.tables.append(_dimensions(pairs, by, f"dimensions{mark}", f"gaps by dimension · {title}"))
        if any(one.subject.get("signals") for pair in pairs for one in pair.judgments):
            report.tables.append(_signals(pairs, by, f"signals{mark}", f"signals beside the judge's scores · {title}"))
        if each:
            rows = [_each(pair) for pair in pairs]
            report.tables.append(Table(f"pairs{mark}", f"every pair · {title}", EACH, rows))
    return report


def heads(benches: Sequence[JudgeConditions]) -> list[str]:
    """Return the warnings printed above the tables."""
    lines = []
    if any(bench.simulated for bench in benches):
        kind = "all" if all(bench.simulated for bench in benches) else "some"
        lines.append(f"{kind} of these judgments have a SIMULATED judge, subject or baseline, as each table says")
    if len(benches) > 1:
        lines.append(f"{len(benches)} judges, rubrics or kinds, one after the other: they never pool")
    return lines


def title_of(bench: JudgeConditions, benches: Sequence[JudgeConditions]) -> str:
    """The title, with a hash where two benches are called the same."""
    alike = [one for one in benches if one.title == bench.title]
    return f"{bench.title} · {bench.detail}" if len(alike) > 1 else bench.title


def quartiles(values: Sequence[float]) -> Interval | None:
    """The medians of the lower and the upper half, the middle value in both (Tukey's hinges); None below four."""
    if len(values) < LEAST_QUARTILES:
        return None
    ordered = sorted(values)
    half = (len(ordered) + 1) // 2
    return Interval(median(ordered[:half]), median(ordered[-half:]))


def _scores(pairs: Sequence[JudgedPair], by: Sequence[str], name: str, title: str, notes: Sequence[str]) -> Table:
    names = shown(pairs, by)
    rows = []
    for levels, arm in arms(pairs, by).items():
        tested = signs([pair.gap() for pair in arm])
        counted = tested._asdict() | {"p": tested.p, "flagged": sum(bool(pair.flags) for pair in arm)}
        rows.append(dict(zip(names, levels, strict=True)) | _spread(arm, SCORE) | counted)
    columns = [*level_columns(names), *COUNTS, *SPREAD, *SIGNS, *BEHIND]
    return Table(name, title, columns, rows, notes)


def _dimensions(pairs: Sequence[JudgedPair], by: Sequence[str], name: str, title: str) -> Table:
    names = shown(pairs, by)
    rows = []
    for levels, arm in arms(pairs, by).items():
        for dimension in [one for one in dimensions(arm) if one != SCORE]:
            own = dict(zip(names, levels, strict=True)) | {"dimension": dimension}
            rows.append(own | _spread(arm, dimension))
    columns = level_columns([*names, "dimension"])
    return Table(name, title, [*columns, *COUNTS, *SPREAD, *BEHIND], rows)


def _signals(pairs: Sequence[JudgedPair], by: Sequence[str], name: str, title: str) -> Table:
    """Return the signals of the same code: medians over the pairs in which they are known."""
    names = shown(pairs, by)
    rows = []
    for levels, arm in arms(pairs, by).items():
        own = dict(zip(names, levels, strict=True)) | {"pairs": len(arm)} | behind(arm)
        counted = {CandidateRole.SUBJECT: [_signals_row(pair.judgments[0].subject) for pair in arm]}
        counted[CandidateRole.BASELINE] = [_signals_row(pair.judgments[0].baseline) for pair in arm]
        for role, mark in ((CandidateRole.SUBJECT, ""), (CandidateRole.BASELINE, "_bar")):
            for key in ("modernize", "vet", "gofmt", "code_lines"):
                own[f"{key}{mark}"] = known_median(row.get(key) for row in counted[role])
        rows.append(own)
    columns = [*level_columns(names), Column("pairs", "pairs"), *SIGNAL_COLUMNS, *BEHIND]
    return Table(name, title, columns, rows, ["no model counted these; a dash is unknown, and never 0"])


def dimensions(pairs: Sequence[JudgedPair]) -> list[str]:
    """All that was scored, the weighted mean first; judgments of one bench agree in it."""
    return list(dict.fromkeys(name for pair in pairs for one in pair.judgments for name in one.dimensions))


def _signals_row(line: Line) -> dict[str, Any]:
    """The signals in a line, as the cells of a table; empty where it has none."""
    signals = line.get("signals")
    return row(signals) if signals else {}


def _spread(arm: Sequence[JudgedPair], dimension: str) -> dict[str, Any]:
    gaps = [pair.gap(dimension) for pair in arm]
    return {
        "pairs": len(arm),
        "judgments": sum(len(pair.judgments) for pair in arm),
        "gap": median(gaps),
        "quartiles": quartiles(gaps),
        "range": Interval(min(gaps), max(gaps)),
    } | behind(arm)


def behind(pairs: Sequence[JudgedPair]) -> dict[str, list[str]]:
    """The pairs that a row or a mark counts, and the runs of their subjects."""
    runs = [pair.judgments[0].run_id for pair in pairs]
    return {"pair_ids": [pair.id for pair in pairs], "run_ids": [run_id for run_id in runs if run_id is not None]}


def _each(pair: JudgedPair) -> dict[str, Any]:
    gaps = [one.gap() for one in pair.judgments]
    return {
        "pair": pair.id,
        "run_id": pair.judgments[0].run_id,
        "passes": pair.levels.get("passes"),
        "judgments": len(gaps),
        "gap": pair.gap(),
        "range": Interval(min(gaps), max(gaps)),
        "flags": "; ".join(pair.flags),
    }


def _cautions(pairs: Sequence[JudgedPair]) -> list[str]:
    """Return the notes on weaknesses of the gaps."""
    notes = []
    one_sided = sum(pair.one_sided for pair in pairs)
    if one_sided:
        notes.append(
            f"{one_sided} of {len(pairs)} pairs were not judged in both orders: the order may have made their gap"
        )
    single = sum(len({one.session for one in pair.judgments}) == 1 for pair in pairs)
    if single:
        notes.append(f"{single} of {len(pairs)} pairs rest on one session: how far it would repeat is unknown")
    kinds = {flag.removeprefix("baseline ").partition(":")[0] for pair in pairs for flag in pair.flags}
    if kinds:
        notes.append(f"flagged: candidates with {', '.join(sorted(kinds))}; flags change no score (--each shows them)")
    return notes
