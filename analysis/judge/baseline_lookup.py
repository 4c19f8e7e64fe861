"""Lookup of the baseline for each subject."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.judge.candidates import SIMULATED, Candidate, Contract, UnjudgeableError, of_run
from analysis.judge.record import CandidateRole
from harness.ledger import Ledger

LEDGER = "baselines.jsonl"
"""Name of the ledger of baselines, beside `runs.jsonl`."""

FOLDER = "baselines"
"""Name of the folder beside it that holds them: a log folder of its own, so that no table counts their runs."""


class BaselineLookup:
    """Finds the baseline of each subject: the named one, else the newest of the same contract."""

    def __init__(self, name: str, author: str, ledgers: Sequence[Path]) -> None:
        """`name` is a folder, the id of a baseline, the id of a run, or empty; `author` is who wrote a folder.

        Raises AnalysisError where there is no such baseline.
        """
        self._name = name
        self._author = author
        self._ledgers = ledgers
        self._folder = Path(name) if name and Path(name).is_dir() else None
        if name and self._folder is None and not [*self._named()]:
            raise AnalysisError(
                f"--baseline {name}: is no folder, no baseline and no run of these ledgers; "
                "harness judge baseline makes one"
            )
        if self._folder is not None and not author and self._recorded(self._folder) is None:
            raise AnalysisError(f"--baseline {name}: who wrote it? Name the model with --baseline-model")

    def check(self, contracts: Collection[tuple[str, str | None]]) -> None:
        """Raises AnalysisError if a folder of the user's own would have to serve more than one contract."""
        if self._folder is not None and self._recorded(self._folder) is None and len(contracts) > 1:
            tasks = ", ".join(sorted({task for task, _ in contracts}))
            raise AnalysisError(
                f"--baseline {self._name}: a folder is of one contract, and these runs have {len(contracts)} ({tasks})"
                ": choose with --where task=… or prompt_sha256=…"
            )

    def of(self, subject: Candidate, root: Path) -> Candidate:
        """The baseline of one subject. Raises Unjudgeable where there is none of the same contract."""
        if self._folder is not None:
            baseline = self._recorded(self._folder) or self._own(self._folder, subject.contract)
        elif self._name:
            baseline = next(self._named())
        else:
            baseline = self._newest(subject.contract, root)
        if _contract(baseline) != _contract(subject):
            raise UnjudgeableError(
                f"run {subject.run_id}: the baseline was written to another contract ({baseline.target})"
            )
        if baseline.folder.resolve() == subject.folder.resolve():
            raise UnjudgeableError(f"run {subject.run_id}: it is the baseline itself")
        if baseline.recorded not in (None, baseline.sources.sha256):
            raise UnjudgeableError(
                f"run {subject.run_id}: the baseline {baseline.target} was changed after it was recorded"
            )
        return baseline

    def _own(self, folder: Path, contract: Contract) -> Candidate:
        """A folder of the user's own, trusted to be written to this contract."""
        simulated = self._author.startswith(SIMULATED)
        return Candidate(CandidateRole.BASELINE, self._author, simulated, None, folder, str(folder), contract)

    def _newest(self, contract: Contract, root: Path) -> Candidate:
        wanted = contract.task, contract.sha256
        lines = [line for line in Ledger(root / LEDGER).read() if (line["task"], line["contract_sha256"]) == wanted]
        if not lines:
            how = f"harness judge baseline --task {contract.task} makes one, --baseline names one"
            raise UnjudgeableError(f"no baseline of {contract.task} is recorded in {root / LEDGER}: {how}")
        return recorded(lines[-1], root)

    def _named(self) -> Iterator[Candidate]:
        """Every baseline and run of that id."""
        for ledger in self._ledgers:
            root = ledger.parent
            for line in Ledger(root / LEDGER).read():
                if self._name in (line.get("baseline_id"), line.get("run_id")):
                    yield recorded(line, root)
            for line in Ledger(ledger).read():
                if line.get("run_id") == self._name:
                    try:
                        yield of_run(line, root, CandidateRole.BASELINE)
                    except UnjudgeableError as why:
                        raise AnalysisError(f"--baseline {self._name}: {why}") from why

    def _recorded(self, folder: Path) -> Candidate | None:
        lines = ((line, ledger.parent) for ledger in self._ledgers for line in Ledger(ledger.parent / LEDGER).read())
        candidates = [
            recorded(line, root) for line, root in lines if (root / line["folder"]).resolve() == folder.resolve()
        ]
        return candidates[-1] if candidates else None


def recorded(line: Mapping[str, Any], root: Path) -> Candidate:
    """The candidate of a line of `baselines.jsonl`."""
    contract = Contract(line["task"], line["contract"], line["contract_sha256"])
    return Candidate(
        CandidateRole.BASELINE,
        line["model"],
        bool(line["simulated"]),
        line.get("run_id"),
        root / line["folder"],
        line["folder"],
        contract,
        line["candidate_sha256"],
    )


def _contract(candidate: Candidate) -> tuple[str, str]:
    return candidate.contract.task, candidate.contract.sha256
