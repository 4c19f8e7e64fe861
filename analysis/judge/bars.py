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
    """Finds the baseline of each subject: the one that was asked for, else the newest of the same contract."""

    def __init__(self, asked: str, author: str, ledgers: Sequence[Path]) -> None:
        """`asked` is a folder, the id of a baseline, the id of a run, or empty; `author` is who wrote a folder.

        Raises AnalysisError where there is no such baseline.
        """
        self._asked = asked
        self._author = author
        self._ledgers = ledgers
        self._folder = Path(asked) if asked and Path(asked).is_dir() else None
        if asked and self._folder is None and not [*self._named()]:
            raise AnalysisError(
                f"--baseline {asked}: is no folder, no baseline and no run of these ledgers; "
                "python -m analysis judge baseline makes one"
            )
        if self._folder is not None and not author and self._recorded(self._folder) is None:
            raise AnalysisError(f"--baseline {asked}: who wrote it? Name the model with --baseline-model")

    def check(self, contracts: Collection[tuple[str, str | None]]) -> None:
        """Raises AnalysisError if a folder of the user's own would have to serve more than one contract."""
        if self._folder is not None and self._recorded(self._folder) is None and len(contracts) > 1:
            told = ", ".join(sorted({task for task, _ in contracts}))
            raise AnalysisError(
                f"--baseline {self._asked}: a folder is of one contract, and these runs have {len(contracts)} ({told})"
                ": choose with --where task=… or prompt_sha256=…"
            )

    def of(self, subject: Candidate, root: Path) -> Candidate:
        """The baseline of one subject. Raises Unjudgeable where there is none of the same contract."""
        if self._folder is not None:
            found = self._recorded(self._folder) or self._own(self._folder, subject.contract)
        elif self._asked:
            found = next(self._named())
        else:
            found = self._newest(subject.contract, root)
        if _contract(found) != _contract(subject):
            raise UnjudgeableError(
                f"run {subject.run_id}: the baseline was written to another contract ({found.target})"
            )
        if found.folder.resolve() == subject.folder.resolve():
            raise UnjudgeableError(f"run {subject.run_id}: it is the baseline itself")
        if found.recorded not in (None, found.sources.sha256):
            raise UnjudgeableError(
                f"run {subject.run_id}: the baseline {found.target} was changed after it was recorded"
            )
        return found

    def _own(self, folder: Path, contract: Contract) -> Candidate:
        """A folder of the user's own. That it was written to this contract is taken on trust."""
        simulated = self._author.startswith(SIMULATED)
        return Candidate(CandidateRole.BASELINE, self._author, simulated, None, folder, str(folder), contract)

    def _newest(self, contract: Contract, root: Path) -> Candidate:
        wanted = contract.task, contract.sha256
        found = [line for line in Ledger(root / LEDGER).read() if (line["task"], line["contract_sha256"]) == wanted]
        if not found:
            how = f"python -m analysis judge baseline --task {contract.task} makes one, --baseline names one"
            raise UnjudgeableError(f"no baseline of {contract.task} is recorded in {root / LEDGER}: {how}")
        return recorded(found[-1], root)

    def _named(self) -> Iterator[Candidate]:
        """Every baseline and run of that id."""
        for ledger in self._ledgers:
            root = ledger.parent
            for line in Ledger(root / LEDGER).read():
                if self._asked in (line.get("baseline_id"), line.get("run_id")):
                    yield recorded(line, root)
            for line in Ledger(ledger).read():
                if line.get("run_id") == self._asked:
                    try:
                        yield of_run(line, root, CandidateRole.BASELINE)
                    except UnjudgeableError as why:
                        raise AnalysisError(f"--baseline {self._asked}: {why}") from why

    def _recorded(self, folder: Path) -> Candidate | None:
        lines = ((line, ledger.parent) for ledger in self._ledgers for line in Ledger(ledger.parent / LEDGER).read())
        found = [recorded(line, root) for line, root in lines if (root / line["folder"]).resolve() == folder.resolve()]
        return found[-1] if found else None


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
