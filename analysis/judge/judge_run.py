"""`harness judge run`: judge the kept workspaces of runs, head to head against a baseline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from analysis.command import LEDGERS, option
from analysis.errors import AnalysisError
from analysis.judge.baseline_lookup import BaselineLookup
from analysis.judge.candidates import is_simulated
from analysis.judge.client import JudgeClient
from analysis.judge.record import LEDGER, CandidateRole
from analysis.judge.rows import JudgmentTerms, no_signals, signals_of
from analysis.judge.rubric import load_rubric
from analysis.judge.selection import CandidatePair, SelectedRuns, choose, pairs
from analysis.judge.sessions import SessionCounts, Sessions, plan
from analysis.records.where import RunFilter
from harness.config import ConfigError, ModelConfig
from harness.llm.client import OpenAIChat


@dataclass(frozen=True)
class JudgeRequest:
    """The runs to judge, their baseline, and the method."""

    runs: Annotated[list[Path], option("runs", "A ledger; may be given several times.")] = field(
        default_factory=lambda: [*LEDGERS]
    )
    where: Annotated[list[str], option("where", "Only runs with column=value[,value]; repeatable.")] = field(
        default_factory=list
    )
    run_id: Annotated[list[str], option("run-id", "Only this run; may be given several times.")] = field(
        default_factory=list
    )
    outcome: Annotated[str, option("outcome", "Only runs that ended so; all takes every result.")] = "completed"
    baseline: Annotated[
        str, option("baseline", "A folder, a run or a baseline; by default the newest one of the contract.")
    ] = ""
    baseline_model: Annotated[str, option("baseline-model", "Who wrote the folder.")] = ""
    rubric: Annotated[str, option("rubric", "A version in conf/judge, or a .yaml file.")] = "v3"
    sessions: Annotated[int, option("sessions", "Independent sessions, each of both orders.")] = 1
    seed: Annotated[int, option("seed", "Decides which order comes first, and seeds the sampling.")] = 1
    attempts: Annotated[int, option("attempts", "Replies that are asked for before a judgment is a fault.")] = 3
    max_chars: Annotated[int, option("max-chars", "Most characters that are shown of a candidate.")] = 120_000
    stream: Annotated[bool, option("stream", "Ask for streamed replies.")] = False
    no_signals: Annotated[bool, option("no-signals", "Leave out what tools count, such as modernizer findings.")] = (
        False
    )

    def __post_init__(self) -> None:
        for name, value in (("sessions", self.sessions), ("attempts", self.attempts), ("max-chars", self.max_chars)):
            if value < 1:
                raise AnalysisError(f"--{name} {value}: must be 1 or more")


def judge_runs(request: JudgeRequest, model: ModelConfig, say: Callable[[str], None]) -> int:
    """Make the judgments that are not made yet; returns the exit code: 1 if some came to nothing, else 0.

    Raises AnalysisError, before the first request, for what cannot be judged at all.
    """
    if model.simulated:
        raise AnalysisError(f"{model.name}: a simulated subject cannot judge; python -m analysis.judge.simulated can")
    terms = JudgmentTerms(load_rubric(request.rubric), model, request.max_chars, request.seed)
    filters = [RunFilter.parse(text) for text in request.where]
    chosen = choose(request.runs, filters, request.run_id, request.outcome)
    skipped: list[str] = []
    baselines = BaselineLookup(request.baseline, request.baseline_model, request.runs)
    pairs_to_judge = pairs(chosen, baselines, model.name, request.max_chars, skipped.append)
    planned = plan(pairs_to_judge, request.sessions, terms)
    signals = no_signals if request.no_signals else signals_of
    try:
        with OpenAIChat(model, model.endpoint, stream=request.stream) as chat:
            for line in [
                *(f"skipped: {why}" for why in skipped),
                *_opening(chosen, pairs_to_judge, terms, len(planned)),
            ]:
                say(line)
            tally = Sessions(JudgeClient(chat, request.attempts), terms, signals, say).run(planned)
    except ConfigError as error:
        raise AnalysisError(str(error)) from error
    for line in _closing(tally, len(planned), pairs_to_judge):
        say(line)
    return 1 if tally.faults else 0


def _opening(
    chosen: SelectedRuns, pairs_to_judge: Sequence[CandidatePair], terms: JudgmentTerms, judgments: int
) -> list[str]:
    """Yield the plan and its warnings, before any request is made."""
    lines = [
        f"{len(pairs_to_judge)} of {len(chosen.runs)} runs, {judgments} judgments ({terms.rubric.version}, both orders)"
    ]
    if chosen.left_out:
        lines.append(f"{chosen.left_out} results that ended otherwise are left out (--outcome)")
    if chosen.nameless:
        lines.append(f"{chosen.nameless} of the original's lines are left out: they name no workspace")
    simulated = {role.value for role in CandidateRole for pair in pairs_to_judge if pair.candidate(role).simulated}
    simulated |= {"judge"} if is_simulated(terms.model.name, {}) else set()
    if simulated:
        lines.append(f"simulated: {', '.join(sorted(simulated))}; nothing here says anything about quality")
    clipped = {
        one.target for pair in pairs_to_judge for one in (pair.subject, pair.baseline) if one.sources.size > terms.most
    }
    lines += [f"{target} is longer than --max-chars {terms.most}: only its beginning is shown" for target in clipped]
    flagged = {one.target: one.flags for pair in pairs_to_judge for one in (pair.subject, pair.baseline) if one.flags}
    return lines + [f"flagged: {target}: {'; '.join(flags)}" for target, flags in flagged.items()]


def _closing(tally: SessionCounts, planned: int, pairs_to_judge: Sequence[CandidatePair]) -> list[str]:
    lines = [f"{tally.judged} judged, {tally.before} were judged before, {tally.faults} faults"]
    left = planned - tally.judged - tally.before - tally.faults
    if tally.given_up:
        lines.append(f"the judge does not answer: {left} judgments were not tried")
    if tally.faults:
        lines.append("the same command asks again for what came to nothing")
    ledgers = sorted({str(pair.root / LEDGER) for pair in pairs_to_judge})
    return [*lines, f"in {', '.join(ledgers)}"]
