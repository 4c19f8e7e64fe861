"""Reads `judgments.jsonl`, ours and the original's, and says what it left out and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.judge.record import LEDGER, SCHEMA, CandidateRole, JudgmentOutcome, PresentationOrder
from harness.config import digest
from harness.ledger import Ledger

SCORE = "score"
"""Name of the weighted mean, used beside the names of the dimensions."""
WRITTEN = 5e-4
"""Tolerance between a written score and the mean of its dimensions: half of its third digit."""

Line = Mapping[str, Any]


@dataclass(frozen=True)
class JudgeConditions:
    """All that judgments must agree in to be pooled: judge, how it was sampled, rubric, method, what is simulated."""

    judge: str
    rubric: str
    simulated: tuple[str, ...]
    method: str
    blind: bool
    detail: str
    """Short hash of the rubric's words and of the judge's sampling."""

    @property
    def title(self) -> str:
        """As a table's heading calls it."""
        parts = [f"judge {self.judge}", self.rubric, self.method, "" if self.blind else "NOT BLIND to tests"]
        parts.append(f"SIMULATED: {', '.join(self.simulated)}" if self.simulated else "")
        return " · ".join(part for part in parts if part)


@dataclass(frozen=True)
class PairJudgment:
    """One reply of the judge on both candidates."""

    id: str
    pair_id: str
    session: int
    order: PresentationOrder | None
    """None where the line does not say, as the original's."""
    subject: Line
    baseline: Line
    bench: JudgeConditions

    @cached_property
    def dimensions(self) -> list[str]:
        """Names of what was scored, the weighted mean first."""
        return [SCORE, *self.subject["dimensions"]]

    def value(self, role: CandidateRole, dimension: str) -> float:
        """A score from 0 to 1. The mean is computed from its dimensions, whatever is written of it."""
        return self._scores[role][dimension]

    def gap(self, dimension: str = SCORE) -> float:
        """Subject less baseline."""
        return self.value(CandidateRole.SUBJECT, dimension) - self.value(CandidateRole.BASELINE, dimension)

    @cached_property
    def _scores(self) -> dict[CandidateRole, dict[str, float]]:
        return {CandidateRole.SUBJECT: scored(self.subject), CandidateRole.BASELINE: scored(self.baseline)}

    @property
    def run_id(self) -> str | None:
        run_id: str | None = self.subject.get("run_id")
        return run_id

    @property
    def flags(self) -> list[str]:
        """Return the flags of both candidates."""
        return [*_flags(self.subject), *(f"baseline {flag}" for flag in _flags(self.baseline))]


@dataclass
class Judgments:
    """The judgments of some files, each once."""

    items: list[PairJudgment] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    """Judgments that never came to be, by reason; they are no scores."""
    excluded: Counter[str] = field(default_factory=Counter)
    misstated: int = 0
    """Lines whose written score is not the mean of their dimensions."""

    @property
    def by_bench(self) -> dict[JudgeConditions, list[PairJudgment]]:
        """Judgments that may be pooled."""
        benches: dict[JudgeConditions, list[PairJudgment]] = {}
        for judgment in self.items:
            benches.setdefault(judgment.bench, []).append(judgment)
        return dict(sorted(benches.items(), key=lambda one: (bool(one[0].simulated), one[0].title, one[0].detail)))

    def notes(self) -> list[str]:
        """Return what was left out, with reasons."""
        notes = [f"faults, scored nowhere: {count} × {why}" for why, count in self.faults.items()]
        notes += [
            f"excluded: {count} {'line' if count == 1 else 'lines'} {why}" for why, count in self.excluded.items()
        ]
        if self.misstated:
            notes.append(f"{self.misstated} written scores are not the mean of their dimensions; the mean is used")
        return notes


def beside(ledgers: Sequence[Path]) -> list[Path]:
    """The files of judgments that lie beside ledgers of runs."""
    return [path.parent / LEDGER for path in ledgers]


def read(paths: Sequence[Path]) -> Judgments:
    """Read whole files. Raises AnalysisError for a file that is not there."""
    judgments, lines = Judgments(), []
    for path in dict.fromkeys(paths):
        if not path.is_file():
            raise AnalysisError(f"{path}: no judgments; `judge run` writes them, or name yours with --judgments")
        lines += list(Ledger(path).read(lambda _number, _text: judgments.excluded.update(["torn"])))
    if paths and not lines:
        raise AnalysisError(f"{', '.join(map(str, dict.fromkeys(paths)))}: holds no judgment yet")
    _fill(judgments, lines)
    return judgments


def scored(line: Line) -> dict[str, float]:
    """Scores by dimension, the weighted mean under `SCORE`. Raises KeyError, TypeError or ValueError for no scores."""
    own = {name: float(verdict["score"]) for name, verdict in line["dimensions"].items()}
    if not own or not all(0 <= score <= 1 for score in own.values()):
        raise ValueError("scores must be from 0 to 1")
    weights = {name: float(line["weights"][name]) for name in own}
    return {SCORE: sum(weights[name] * own[name] for name in own) / sum(weights.values())} | own


def by_pair(judgments: Iterable[PairJudgment]) -> dict[str, list[PairJudgment]]:
    """All sessions and orders of each pair."""
    pairs: dict[str, list[PairJudgment]] = {}
    for judgment in judgments:
        pairs.setdefault(judgment.pair_id, []).append(judgment)
    return pairs


def _fill(judgments: Judgments, lines: Iterable[Line]) -> None:
    sides: dict[tuple[str, JudgeConditions], dict[str, list[Line]]] = {}
    failed: dict[str, Line] = {}
    for line in lines:
        why = _refused(line)
        if why:
            judgments.excluded[why] += 1
        elif line.get("outcome") == JudgmentOutcome.FAULT.value:
            failed[_id(line)] = line
        else:
            judgments.misstated += abs(scored(line)[SCORE] - (line.get("score") or 0)) > WRITTEN
            sides.setdefault((_id(line), _bench(line)), {}).setdefault(line["role"], []).append(line)
    for (own, bench), roles in sides.items():
        _join(judgments, own, bench, roles)
    judged = {own for own, _ in sides}
    judgments.faults.update(str(line.get("reason")) for own, line in failed.items() if own not in judged)


def _join(judgments: Judgments, own: str, bench: JudgeConditions, roles: Mapping[str, list[Line]]) -> None:
    """One judgment of its two lines; lines that are repeated count once, and none of those that contradict."""
    if set(roles) != {role.value for role in CandidateRole}:
        judgments.excluded["without the line of the other candidate"] += sum(map(len, roles.values()))
        return
    for same in roles.values():
        if any(scored(line) != scored(same[0]) for line in same):
            judgments.excluded["of a judgment that other lines contradict"] += sum(map(len, roles.values()))
            return
        if len(same) > 1:
            judgments.excluded["repeated, by judgment_id"] += len(same) - 1
    subject, baseline = (roles[role.value][0] for role in CandidateRole)
    if set(scored(subject)) != set(scored(baseline)):
        judgments.excluded["of a judgment whose candidates were scored in different dimensions"] += 2
        return
    order = PresentationOrder(subject["order"]) if subject.get("order") in [*PresentationOrder] else None
    session = subject.get("session") or 0
    judgments.items.append(PairJudgment(own, subject["pair_id"], session, order, subject, baseline, bench))


def _refused(line: Line) -> str | None:
    """Why a line is no judgment of a candidate; None if it is one."""
    if isinstance(line.get("schema"), int) and line["schema"] > SCHEMA:
        return f"of a newer schema than {SCHEMA}"
    if line.get("role") not in [role.value for role in CandidateRole] or not line.get("pair_id"):
        return "without a pair or a role"
    if line.get("outcome", JudgmentOutcome.JUDGED.value) not in [outcome.value for outcome in JudgmentOutcome]:
        return "without a known outcome"
    try:
        if line.get("outcome") != JudgmentOutcome.FAULT.value:
            scored(line)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError):
        return "without scores from 0 to 1"
    return None


def _id(line: Line) -> str:
    """The original wrote no judgment_id: one judgment a pair, then."""
    return str(line.get("judgment_id") or line["pair_id"])


def _bench(line: Line) -> JudgeConditions:
    detail = digest([line.get("rubric_sha256"), line.get("judge_sampling")])
    return JudgeConditions(
        str(line.get("judge_model")),
        str(line.get("rubric_version")),
        tuple(line.get("simulated_parts") or ()),
        str(line.get("method")),
        bool(line.get("blind_to_tests")),
        detail[:8],
    )


def _flags(line: Line) -> list[str]:
    return [str(flag) for flag in line.get("flags") or ()]
