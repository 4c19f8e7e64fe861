"""`python -m analysis judge run`: judge the kept workspaces of runs, head to head against a baseline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from analysis.command import LEDGERS
from analysis.errors import AnalysisError
from analysis.judge.asking import JudgeClient
from analysis.judge.bars import BaselineLookup
from analysis.judge.candidates import is_simulated
from analysis.judge.options import option
from analysis.judge.record import LEDGER, CandidateRole
from analysis.judge.rows import JudgmentTerms, no_signals, signals_of
from analysis.judge.rubric import load_rubric
from analysis.judge.selecting import CandidatePair, SelectedRuns, choose, pairs
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


def judge_runs(wanted: JudgeRequest, model: ModelConfig, tell: Callable[[str], None]) -> int:
    """Make the judgments that are not made yet; returns the exit code: 1 if some came to nothing, else 0.

    Raises AnalysisError, before anything is asked, for what cannot be judged at all.
    """
    if model.simulated:
        raise AnalysisError(f"{model.name}: a simulated subject cannot judge; python -m analysis.judge.simulated can")
    terms = JudgmentTerms(load_rubric(wanted.rubric), model, wanted.max_chars, wanted.seed)
    filters = [RunFilter.parse(text) for text in wanted.where]
    chosen = choose(wanted.runs, filters, wanted.run_id, wanted.outcome)
    skipped: list[str] = []
    bars = BaselineLookup(wanted.baseline, wanted.baseline_model, wanted.runs)
    found = pairs(chosen, bars, model.name, wanted.max_chars, skipped.append)
    planned = plan(found, wanted.sessions, terms)
    signals = no_signals if wanted.no_signals else signals_of
    try:
        with OpenAIChat(model, model.endpoint, stream=wanted.stream) as chat:
            for line in [*(f"skipped: {why}" for why in skipped), *_opening(chosen, found, terms, len(planned))]:
                tell(line)
            tally = Sessions(JudgeClient(chat, wanted.attempts), terms, signals, tell).run(planned)
    except ConfigError as error:
        raise AnalysisError(str(error)) from error
    for line in _closing(tally, len(planned), found):
        tell(line)
    return 1 if tally.faults else 0


def _opening(chosen: SelectedRuns, found: Sequence[CandidatePair], terms: JudgmentTerms, judgments: int) -> list[str]:
    """Yield the plan and its warnings, before any request is made."""
    lines = [f"{len(found)} of {len(chosen.runs)} runs, {judgments} judgments ({terms.rubric.version}, both orders)"]
    if chosen.left_out:
        lines.append(f"{chosen.left_out} results that ended otherwise are left out (--outcome)")
    if chosen.nameless:
        lines.append(f"{chosen.nameless} of the original's lines are left out: they name no workspace")
    simulated = {role.value for role in CandidateRole for pair in found if pair.candidate(role).simulated}
    simulated |= {"judge"} if is_simulated(terms.model.name, {}) else set()
    if simulated:
        lines.append(f"simulated: {', '.join(sorted(simulated))}; nothing here says anything about quality")
    clipped = {one.target for pair in found for one in (pair.subject, pair.baseline) if one.sources.size > terms.most}
    lines += [f"{target} is longer than --max-chars {terms.most}: only its beginning is shown" for target in clipped]
    flagged = {one.target: one.flags for pair in found for one in (pair.subject, pair.baseline) if one.flags}
    return lines + [f"flagged: {target}: {'; '.join(flags)}" for target, flags in flagged.items()]


def _closing(tally: SessionCounts, planned: int, found: Sequence[CandidatePair]) -> list[str]:
    lines = [f"{tally.judged} judged, {tally.before} were judged before, {tally.faults} faults"]
    left = planned - tally.judged - tally.before - tally.faults
    if tally.given_up:
        lines.append(f"the judge does not answer: {left} judgments were not tried")
    if tally.faults:
        lines.append("the same command asks again for what came to nothing")
    ledgers = sorted({str(pair.root / LEDGER) for pair in found})
    return [*lines, f"in {', '.join(ledgers)}"]
