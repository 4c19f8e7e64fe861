"""Pairs of candidates with all their judgments, joined with the runs that wrote the subjects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from analysis.errors import AnalysisError
from analysis.judge.judgments import SCORE, JudgeConditions, Judgments, PairJudgment, by_pair
from analysis.records.cells import Level
from analysis.records.columns import FACTORS, HASHES, SUBJECT
from analysis.records.groups import natural
from analysis.records.pool import RunPool
from analysis.records.where import RunFilter
from analysis.render import show

MEASURED = {"passes": "BIGINT", "outcome": "VARCHAR"}
"""Fields to group pairs by, beside the factors of their runs."""
WHO = ("task", "subject", "baseline")
"""Pairs that differ in one of these are never pooled."""
CODE = "baseline_code"
"""Short hash of the baseline's files: shown, and split by, where one author has more than one baseline."""


@dataclass(frozen=True)
class JudgedPair:
    """One subject against one baseline, in all sessions and orders."""

    id: str
    judgments: Sequence[PairJudgment]
    levels: Mapping[str, Level]
    """Models of the pair, and factors, passes and outcome of the subject's run; None is unknown."""

    def gap(self, dimension: str = SCORE) -> float:
        """The median over its judgments."""
        return median(one.gap(dimension) for one in self.judgments)

    @property
    def one_sided(self) -> bool:
        """Return whether it lacks an order, so that the position may have made the gap."""
        return len({one.order for one in self.judgments}) != 2

    @property
    def flags(self) -> list[str]:
        """Return the flags of its candidates, each once."""
        return list(dict.fromkeys(flag for one in self.judgments for flag in one.flags))


@dataclass
class SelectedPairs:
    """The pairs that a question is about."""

    by_bench: dict[JudgeConditions, list[JudgedPair]]
    notes: list[str]


def choose(judgments: Judgments, runs: Sequence[Path], where: Sequence[RunFilter]) -> SelectedPairs:
    """Join judgments with their runs; with filters, only those whose run passes them.

    Raises AnalysisError where filters need a ledger that is not there.
    """
    notes = judgments.notes()
    levels = _levels(runs, where, notes)
    chosen: dict[JudgeConditions, list[JudgedPair]] = {}
    unknown = left_out = 0
    for bench, bench_judgments in judgments.by_bench.items():
        for pair_id, own in by_pair(bench_judgments).items():
            run_id = own[0].run_id
            known = levels.get(run_id or "")
            unknown += known is None and not where
            if known is None and where:
                left_out += 1
                continue
            chosen.setdefault(bench, []).append(JudgedPair(pair_id, own, _who(own[0]) | (known or {})))
    if left_out:
        notes.append(f"left out: {left_out} {_pairs(left_out)} by --where, or without a run in these ledgers")
    if unknown:
        notes.append(f"{unknown} {_pairs(unknown)} without a run in these ledgers: passes and factors unknown")
    return SelectedPairs(chosen, notes)


def arms(pairs: Sequence[JudgedPair], by: Sequence[str]) -> dict[tuple[Level, ...], list[JudgedPair]]:
    """Pairs that are counted together, in order; the names of the key are those of `shown`."""
    return apart(pairs, shown(pairs, by))


def apart(pairs: Sequence[JudgedPair], names: Sequence[str]) -> dict[tuple[Level, ...], list[JudgedPair]]:
    """Pairs that agree in just these levels, in order."""
    arms: dict[tuple[Level, ...], list[JudgedPair]] = {}
    for pair in pairs:
        arms.setdefault(tuple(pair.levels.get(name) for name in names), []).append(pair)
    return dict(sorted(arms.items(), key=lambda arm: [natural(level) for level in arm[0]]))


def shown(pairs: Sequence[JudgedPair], by: Sequence[str]) -> list[str]:
    """Return the keys of an arm: subject, baseline, its code where that differs, and the requested factors."""
    codes: dict[tuple[Level, Level], set[Level]] = {}
    for pair in pairs:
        codes.setdefault((pair.levels["task"], pair.levels["baseline"]), set()).add(pair.levels[CODE])
    several = [CODE] if any(len(code) > 1 for code in codes.values()) else []
    return [*WHO, *several, *(name for name in by if name not in WHO)]


def grouping(by: str) -> list[str]:
    """Names to group by, with commas. Raises AnalysisError for a name that is none."""
    allowed = [*MEASURED, *(name for name in FACTORS if name not in SUBJECT)]
    names = [name for name in by.split(",") if name]
    for name in names:
        if name not in allowed:
            raise AnalysisError(f"--by {name}: no such factor of a judged run; there are {', '.join(allowed)}")
    return list(dict.fromkeys(names))


def pooled_over(pairs: Sequence[JudgedPair], by: Sequence[str]) -> list[str]:
    """Factors of the runs that vary inside the arms and are not asked for."""
    notes = []
    for name in FACTORS:
        if name in by or name in SUBJECT or name in HASHES:
            continue
        inside = {level for arm in arms(pairs, by).values() for level in _varying(arm, name)}
        if inside:
            notes.append(f"pooled over: {name} {', '.join(show(level) for level in sorted(inside, key=natural))}")
    return notes


def _varying(pairs: Sequence[JudgedPair], name: str) -> set[Level]:
    levels = {pair.levels.get(name) for pair in pairs}
    return levels if len(levels) > 1 else set()


def _who(judgment: PairJudgment) -> dict[str, Level]:
    subject, baseline = judgment.subject, judgment.baseline
    code = [baseline.get("candidate_sha256"), subject.get("contract_sha256")]
    return {
        "task": str(subject.get("task")),
        "subject": str(subject.get("subject_model")),
        "baseline": str(baseline.get("subject_model")),
        CODE: "/".join(str(part)[:8] for part in code) if code[0] else None,
    }


def _levels(runs: Sequence[Path], where: Sequence[RunFilter], notes: list[str]) -> dict[str, dict[str, Level]]:
    """Factors, passes and outcome of each run, by run_id."""
    there = [path for path in runs if path.is_file()]
    if not there and not where:
        notes.append(f"{', '.join(map(str, runs))}: no such ledger, so nothing is known of the runs that were judged")
        return {}
    pool = RunPool.read(runs if where else there, where, measures=True)
    names = ["run_id", *(name for name in FACTORS if name not in SUBJECT), *MEASURED]
    return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in pool.rows(*names)}


def _pairs(count: int) -> str:
    return "pair" if count == 1 else "pairs"
