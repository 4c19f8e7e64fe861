"""Lines of judgments made by hand: a whole judgment from the scores of both candidates."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.judge.record import (
    CandidateJudgment,
    CandidateRole,
    DimensionScore,
    JudgmentOutcome,
    PresentationOrder,
    weighted,
)

WEIGHTS = {"simplicity": 0.75, "security": 0.25}
Scores = Mapping[str, float]


def candidate(role: CandidateRole, scores: Scores | None, **given: Any) -> dict[str, Any]:
    """One line; without scores, that of a fault."""
    dimensions = {name: DimensionScore(score, "because") for name, score in (scores or {}).items()}
    order = given.pop("order", PresentationOrder.AB)
    pair_id, session = given.get("pair_id", "pair"), given.get("session", 0)
    own: dict[str, Any] = {
        "time": "2026-11-01T10:00:00+00:00",
        "judge_model": "referee",
        "rubric_version": "judge/v3",
        "pair_id": pair_id,
        "role": role,
        "subject_model": "small-model" if role is CandidateRole.SUBJECT else "large-model",
        "task": "apikit",
        "contract": "examples/apikit/PROMPT.md",
        "target": f"runs/{pair_id}/workspace",
        "dimensions": dimensions,
        "weights": WEIGHTS,
        "score": weighted(dimensions, WEIGHTS) if dimensions else None,
        "judgment_id": f"{pair_id}-{session}-{order}",
        "run_id": pair_id if role is CandidateRole.SUBJECT else None,
        "session": 0,
        "order": order,
        "position": order.position(role),
        "outcome": JudgmentOutcome.JUDGED if dimensions else JudgmentOutcome.FAULT,
        "reason": None if dimensions else "no JSON in three replies",
        "candidate_sha256": f"{role}-files",
        "contract_sha256": "prompt",
        "rubric_sha256": "rubric",
        "judge_server": {},
        "judge_sampling": {"temperature": 0.0},
        "judge_simulated": False,
        "subject_simulated": False,
        "simulated_parts": [],
        "flags": [],
        "clipped": False,
        "attempts": 1,
        "raw": "judgments/raw.jsonl",
        "prompt_tokens": 1,
        "completion_tokens": 1,
        "total_tokens": 2,
        "usage_estimated": False,
    }
    return CandidateJudgment(**(own | given)).as_dict()


def judgment(subject: float | Scores | None, baseline: float | Scores | None, **given: Any) -> list[dict[str, Any]]:
    """Both lines of one judgment; a number is the score in every dimension."""
    flags = given.pop("flags", [])
    sides = {CandidateRole.SUBJECT: subject, CandidateRole.BASELINE: baseline}
    return [
        candidate(role, _scores(scores), **given, **({"flags": flags} if role is CandidateRole.SUBJECT else {}))
        for role, scores in sides.items()
    ]


def write(path: Path, *judgments: list[dict[str, Any]]) -> Path:
    """A file of judgments."""
    lines = [json.dumps(line) for lines in judgments for line in lines]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def _scores(given: float | Scores | None) -> Scores | None:
    return dict.fromkeys(WEIGHTS, given) if isinstance(given, int | float) else given
