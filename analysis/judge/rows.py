"""The two lines of one judgment, one for each candidate."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.judge.answer import Scores
from analysis.judge.candidates import Candidate, is_simulated
from analysis.judge.client import JudgeReply
from analysis.judge.record import RAW, CandidateJudgment, CandidateRole, JudgmentOutcome, PresentationOrder, weighted
from analysis.judge.rubric import Rubric
from analysis.judge.selection import CandidatePair
from analysis.judge.signals import modernize_findings, signals
from harness import __version__
from harness.config import ModelConfig, plain
from harness.installation import source_state
from harness.llm.types import JSON

NOT_SAMPLING = ("endpoint", "path", "profile", "api_key_env", "seed", "salvage", "tools")
"""Fields of a model's config that do not change what it says; nor do its time limits."""

SignalsOrReason = tuple[JSON | None, str]
"""Signals, or None and why there are none."""


@dataclass(frozen=True)
class JudgmentTerms:
    """Settings in which repeated judgments of a pair agree: judge, rubric, and how much is shown."""

    rubric: Rubric
    model: ModelConfig
    most: int
    """Most characters of one candidate that are shown."""
    seed: int


def sampling(model: ModelConfig) -> JSON:
    """Return the sampling settings of a model, and its name."""
    known = plain(vars(model))
    return {name: value for name, value in known.items() if name not in NOT_SAMPLING and not name.endswith("_timeout")}


@dataclass(frozen=True)
class PlannedJudgment:
    """One judgment to be made."""

    pair: CandidatePair
    session: int
    order: PresentationOrder
    id: str
    """The same for the same judge, rubric and pair, whatever the seed."""
    seed: int
    """Its sampling seed, for servers that take one."""

    @property
    def raw(self) -> Path:
        """Its raw file, from the folder of the ledger."""
        return Path(RAW) / self.pair.id / f"{self.id}.jsonl"


def signals_of(folder: Path) -> SignalsOrReason:
    """The signals of a folder; where they cannot be had, why not."""
    try:
        return signals(folder), ""
    except AnalysisError as error:
        return None, f"no signals: {error}"


def no_signals(_: Path) -> SignalsOrReason:
    """No signals: `--no-signals` leaves them out."""
    return None, "no signals: --no-signals"


def judgment(
    one: PlannedJudgment,
    role: CandidateRole,
    reply: JudgeReply[Scores],
    terms: JudgmentTerms,
    server: Mapping[str, Any],
    signals_or_reason: SignalsOrReason,
) -> CandidateJudgment:
    """The line of one of the two candidates; a fault has no scores."""
    candidate, pair = one.pair.candidate(role), one.pair
    dimensions = reply.value[one.order.position(role)] if reply.value is not None else {}
    return CandidateJudgment(
        pair_id=pair.id,
        role=role,
        task=pair.contract.task,
        contract=pair.contract.label,
        contract_sha256=pair.contract.sha256,
        dimensions=dimensions,
        score=weighted(dimensions, terms.rubric.weights) if dimensions else None,
        outcome=JudgmentOutcome.JUDGED if dimensions else JudgmentOutcome.FAULT,
        reason=reply.reason,
        judgment_id=one.id,
        session=one.session,
        order=one.order,
        position=one.order.position(role),
        raw=one.raw.as_posix(),
        clipped=candidate.sources.size > terms.most,
        **_of_candidate(candidate, signals_or_reason),
        **_of_judge(pair, terms, server),
        **_of_asking(reply),
    )


def _of_candidate(candidate: Candidate, signals_or_reason: SignalsOrReason) -> JSON:
    counted, notes = signals_or_reason
    findings, tool = modernize_findings(counted) if counted is not None else (None, None)
    return {
        "subject_model": candidate.model,
        "subject_simulated": candidate.simulated,
        "target": candidate.target,
        "run_id": candidate.run_id,
        "candidate_sha256": candidate.sources.sha256,
        "flags": candidate.flags,
        "signals": counted,
        "modernize_findings": findings,
        "modernize_tool": tool,
        "notes": notes,
    }


def _of_judge(pair: CandidatePair, terms: JudgmentTerms, server: Mapping[str, Any]) -> JSON:
    judge = is_simulated(terms.model.name, server)
    parts = {"judge": judge, "subject": pair.subject.simulated, "baseline": pair.baseline.simulated}
    return {
        "judge_model": terms.model.name,
        "judge_server": server,
        "judge_sampling": sampling(terms.model),
        "judge_simulated": judge,
        "simulated_parts": [name for name, simulated in parts.items() if simulated],
        "rubric_version": terms.rubric.version,
        "rubric_sha256": terms.rubric.sha256,
        "weights": dict(terms.rubric.weights),
        "harness_version": __version__,
        "git_commit": source_state()[0],
    }


def _of_asking(reply: JudgeReply[Scores]) -> JSON:
    return {
        "time": reply.time,
        "attempts": reply.attempts,
        "prompt_tokens": reply.usage.prompt_tokens,
        "completion_tokens": reply.usage.completion_tokens,
        "total_tokens": reply.usage.total_tokens,
        "usage_estimated": reply.usage.estimated,
    }
