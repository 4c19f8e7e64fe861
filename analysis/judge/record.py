"""The record of a judgment: two lines of `judgments.jsonl`, one a candidate, and the file of its raw replies.

The names of the first part are those of the published study. A judgment is one reply of the judge, in one session, to
both candidates in one order; its two lines share `judgment_id`. Of one `judgment_id` and role there is at most one
`judged` line; `fault` lines before it are attempts that came to nothing, and are no scores.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

SCHEMA = 1
"""Version of the line; raised when a field changes its meaning."""

LEDGER = "judgments.jsonl"
"""Name of the file, beside `runs.jsonl`."""

RAW = "judgments"
"""Name of the folder beside it that holds the raw replies: `judgments/<pair_id>/<judgment_id>.jsonl`."""

METHOD = "head-to-head"


class CandidateRole(StrEnum):
    """Role of a candidate: the subject, or the baseline that it is compared with."""

    SUBJECT = "subject"
    BASELINE = "baseline"


class PresentationOrder(StrEnum):
    """Order in which the candidates were shown as A and B."""

    AB = "AB"
    """The subject as A, the baseline as B."""
    BA = "BA"
    """The baseline as A, the subject as B."""

    def position(self, role: CandidateRole) -> str:
        """The letter under which a candidate was shown."""
        return "A" if (role is CandidateRole.SUBJECT) == (self is PresentationOrder.AB) else "B"


class JudgmentOutcome(StrEnum):
    """Result of the request. A fault says nothing about any candidate."""

    JUDGED = "judged"
    FAULT = "fault"


@dataclass(frozen=True)
class DimensionScore:
    """Score and reason of one candidate in one dimension."""

    score: float
    """0 to 1; ordinal."""
    why: str


@dataclass
class CandidateJudgment:
    """One candidate in one judgment."""

    time: str
    """When the reply came, RFC 3339 with offset."""
    judge_model: str
    rubric_version: str
    """Such as `judge/v3`."""
    pair_id: str
    """The same for all sessions and orders of one subject against one baseline, as much of both as is shown."""
    role: CandidateRole
    subject_model: str
    """Model that wrote this line's candidate: in a baseline's line, the model of the baseline."""
    task: str
    """Its short name, such as `apikit`."""
    contract: str
    """Path of the prompt, as the run's record has it in `task`."""
    target: str
    """The folder that was judged."""
    dimensions: Mapping[str, DimensionScore]
    """By name; empty for a fault."""
    weights: Mapping[str, float]
    score: float | None
    """The weighted mean of the dimensions, computed here; None for a fault."""
    # What follows is not in the published line, but for the last few, which have defaults.
    judgment_id: str
    run_id: str | None
    """Id of the run that wrote this candidate; None for a baseline that no run wrote."""
    session: int
    """From 0; sessions share nothing."""
    order: PresentationOrder
    position: str
    """`A` or `B`: where this candidate was shown."""
    outcome: JudgmentOutcome
    reason: str | None
    """Why there is no judgment, in one line, for a fault; None otherwise."""
    candidate_sha256: str
    """Hash of path and bytes of every source file of the candidate, whether or not it was shown whole."""
    contract_sha256: str
    """Hash of the prompt: the `prompt_sha256` of its runs."""
    rubric_sha256: str
    """Hash of the rubric's file: rows that differ in it never pool, whatever its name."""
    judge_server: Mapping[str, Any]
    """Facts about the judge's server, as `server` in a run's record."""
    judge_sampling: Mapping[str, Any]
    """Sampling settings of the judge; part of `judgment_id`."""
    judge_simulated: bool
    subject_simulated: bool
    """True if a simulated subject wrote this line's candidate."""
    simulated_parts: list[str]
    """The simulated ones of `judge`, `subject`, `baseline`, in this order: rows that differ in it never pool."""
    flags: list[str]
    """Flags of the scan of this candidate, as `kind: where`, such as `addresses_judge: api/api.go:12`."""
    clipped: bool
    """True if the judge was shown only part of this candidate, which its prompt says."""
    attempts: int
    """Requests that this judgment took, invalid replies included."""
    raw: str
    """Path of the file with all requests and replies, from the folder of the ledger."""
    prompt_tokens: int
    """Tokens of all attempts, like the three fields after it; both lines of a judgment hold them, so count one."""
    completion_tokens: int
    total_tokens: int
    usage_estimated: bool
    signals: Mapping[str, Any] | None = None
    """Deterministic signals of this candidate's folder; None where they could not be had."""
    modernize_findings: int | None = None
    """Findings of the modernizers, taken from the signals; None is unknown, and not none."""
    modernize_tool: str | None = None
    """The tool and its version that counted them."""
    notes: str = ""
    method: str = METHOD
    blind_to_tests: bool = True
    harness_version: str = ""
    git_commit: str | None = None
    schema: int = SCHEMA

    def as_dict(self) -> dict[str, Any]:
        """The line, as plain data."""
        return asdict(self)


def weighted(dimensions: Mapping[str, DimensionScore], weights: Mapping[str, float]) -> float:
    """The weighted mean of scores from 0 to 1; both mappings name the same dimensions."""
    return sum(weights[name] * dimensions[name].score for name in weights) / sum(weights.values())


@dataclass
class Baseline:
    """One line of `baselines.jsonl`: code that subjects are held against, who wrote it, and to which contract."""

    time: str
    baseline_id: str
    model: str
    task: str
    contract: str
    contract_sha256: str
    folder: str
    """Folder of its files, seed and specs included; relative to the folder of this ledger."""
    candidate_sha256: str
    simulated: bool
    method: str
    """`run`: a run of the harness wrote it, through the gate. `direct`: one reply, which no gate has seen."""
    run_id: str | None = None
    outcome: str | None = None
    """Outcome of the run; None without a run, since it is then unknown whether the code passes."""
    server: Mapping[str, Any] = field(default_factory=dict)
    sampling: Mapping[str, Any] = field(default_factory=dict)
    usage: Mapping[str, Any] = field(default_factory=dict)
    raw: str | None = None
    """Path of the file with the reply, of a direct one."""
    schema: int = SCHEMA

    def as_dict(self) -> dict[str, Any]:
        """The line, as plain data."""
        return asdict(self)
