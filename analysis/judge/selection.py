"""Selection of the runs to judge, and of the baseline for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.judge.baseline_lookup import BaselineLookup
from analysis.judge.candidates import Candidate, Contract, UnjudgeableError, of_run, short_name, with_text
from analysis.judge.model import own_work
from analysis.judge.record import CandidateRole
from analysis.records.pool import RunPool
from analysis.records.where import RunFilter
from harness.config import digest
from harness.ledger import Ledger
from harness.outcome import Outcome

OUTCOMES = tuple(outcome.value for outcome in Outcome if outcome.counts)
EVERY = "all"


@dataclass(frozen=True)
class CandidatePair:
    """One subject against one baseline, under one contract."""

    id: str
    root: Path
    """The folder of the subject's ledger: judgments go beside it."""
    contract: Contract
    subject: Candidate
    baseline: Candidate

    def candidate(self, role: CandidateRole) -> Candidate:
        return self.subject if role is CandidateRole.SUBJECT else self.baseline


@dataclass(frozen=True)
class SelectedRuns:
    """The runs that a question is about: their lines, each with the folder of its ledger."""

    runs: Sequence[tuple[Path, Mapping[str, Any]]]
    left_out: int
    """Results that pass the filters but have another outcome."""
    nameless: int
    """Lines of the original among them, which have no run_id and so name no workspace."""


def choose(paths: Sequence[Path], where: Sequence[RunFilter], run_ids: Sequence[str], outcome: str) -> SelectedRuns:
    """Runs by filters, or by name. Raises AnalysisError for a ledger, a run or an outcome that does not exist."""
    if outcome != EVERY and outcome not in OUTCOMES:
        raise AnalysisError(f"--outcome {outcome}: must be {', '.join(OUTCOMES)} or {EVERY}")
    pool = RunPool.read(paths, where, measures=True)
    known = dict(pool.rows("run_id", "outcome"))
    missing = [run_id for run_id in run_ids if run_id not in known]
    if missing:
        raise AnalysisError(f"--run-id {missing[0]}: no such result among these runs; faults are not judged")
    wanted = {run_id for run_id, how in known.items() if outcome in (EVERY, how)}
    left_out = len(known) - len(wanted)
    wanted = {*run_ids} or wanted
    lines = [(path.parent, line) for path in paths for line in Ledger(path).read() if line.get("run_id") in wanted]
    runs = list({line["run_id"]: (root, line) for root, line in lines}.values())
    return SelectedRuns(runs, left_out, len(wanted) - len(runs))


def pairs(
    chosen: SelectedRuns, baselines: BaselineLookup, judge: str, most: int, on_skip: Callable[[str], None]
) -> list[CandidatePair]:
    """Each run with its baseline, `most` characters of each to be shown.

    `on_skip` gets the reason for each run that cannot be judged.
    Raises AnalysisError if none is left, with the first reason, or if one baseline cannot serve all.
    """
    judgeable, reasons = [], []
    baselines.check({(short_name(str(line["task"])), line.get("prompt_sha256")) for _, line in chosen.runs})
    for root, line in chosen.runs:
        try:
            judgeable.append(_pair(root, line, baselines, judge, most))
        except UnjudgeableError as why:
            reasons.append(str(why))
            on_skip(str(why))
    if not judgeable:
        raise AnalysisError(_nothing(chosen, reasons))
    return judgeable


def _pair(root: Path, line: Mapping[str, Any], baselines: BaselineLookup, judge: str, most: int) -> CandidatePair:
    subject = of_run(line, root, CandidateRole.SUBJECT)
    baseline = baselines.of(subject, root)
    who = own_work(judge, {CandidateRole.SUBJECT: subject.model, CandidateRole.BASELINE: baseline.model})
    if who:
        raise UnjudgeableError(f"run {subject.run_id}: {who}")
    contract = with_text(subject.contract, root, subject.run_id)
    subject, baseline = (replace(one, contract=contract) for one in (subject, baseline))
    identity: list[object] = [subject.sources.sha256, baseline.sources.sha256, baseline.model, baseline.run_id]
    # A pair of which more is shown is another pair, not another session of this one.
    identity += [contract.sha256, *[most] * any(one.sources.size > most for one in (subject, baseline))]
    return CandidatePair(f"{contract.task}-{subject.run_id}-{digest(identity)[:8]}", root, contract, subject, baseline)


def _nothing(chosen: SelectedRuns, reasons: Sequence[str]) -> str:
    if not chosen.runs:
        more = [f"{chosen.left_out} ended otherwise (--outcome {EVERY} takes them too)"] * bool(chosen.left_out)
        more += [f"{chosen.nameless} of the original's lines name no workspace"] * bool(chosen.nameless)
        return "; ".join(["no run to judge", *more])
    return f"none of {len(chosen.runs)} runs can be judged: {reasons[0]}"
