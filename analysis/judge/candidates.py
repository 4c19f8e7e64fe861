"""Candidates: code in a folder, its author, and the contract that it was written to."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from analysis.judge import injection
from analysis.judge.record import CandidateRole
from analysis.judge.sources import Sources, given_files, read_sources
from harness.outputs import RunFolder
from harness.tasks.catalogue import EXAMPLES
from harness.tasks.impossible import PREFIX
from harness.workspace import KEPT_BYTES

SIMULATED = "sim-"
"""Prefix of the names of simulated models."""


class UnjudgeableError(Exception):
    """A candidate or a pair that cannot be judged; its text is one line: what and why."""


@dataclass(frozen=True)
class Contract:
    """The prompt that code was written to."""

    task: str
    """Short name, such as `apikit`."""
    label: str
    """Path of the prompt, as records have it."""
    sha256: str
    text: str = ""


@dataclass(frozen=True)
class Candidate:
    """Code in a folder."""

    role: CandidateRole
    model: str
    """Its author."""
    simulated: bool
    run_id: str | None
    folder: Path
    target: str
    """The folder, as it is recorded."""
    contract: Contract
    recorded: str | None = None
    """SHA-256 that its sources had when it was recorded as a baseline; None where it was not."""

    @cached_property
    def sources(self) -> Sources:
        """Its source files. Raises Unjudgeable where there are none."""
        sources = read_sources(self.folder, given_files(self.contract.task))
        if not sources.files:
            raise UnjudgeableError(f"{self.target} holds no source file beyond what the task gave and its tests")
        return sources

    @cached_property
    def flags(self) -> list[str]:
        """Return the flags that the scan raised."""
        files = self.sources.files
        return [*injection.flags(files), *injection.names_author(files, self.model)]


def of_run(line: Mapping[str, Any], root: Path, role: CandidateRole) -> Candidate:
    """The candidate that a run left; `root` is the folder of its ledger. Raises Unjudgeable, in one line."""
    run_id = line.get("run_id")
    if not run_id:
        raise UnjudgeableError("a line without run_id, as the original wrote them: it names no workspace")
    if not line.get("prompt_sha256"):
        raise UnjudgeableError(f"run {run_id}: its record does not say which prompt it had")
    folder = RunFolder(root / "runs" / run_id)
    if not folder.workspace.is_dir():
        kept = f"kept beside its record unless it holds over {KEPT_BYTES >> 20} MiB; do not delete runs/ before judging"
        raise UnjudgeableError(f"run {run_id}: its workspace is not in {folder.workspace} ({kept})")
    return Candidate(
        role,
        str(line["model"]),
        bool(line.get("simulated")),
        run_id,
        folder.workspace,
        _from(root, folder.workspace),
        Contract(short_name(str(line["task"])), str(line["task"]), str(line["prompt_sha256"])),
    )


def with_text(contract: Contract, root: Path, run_id: str | None) -> Contract:
    """The contract with its words, if they are still to be had: the recorded hash decides. Raises Unjudgeable."""
    for path in _prompts(contract, root, run_id):
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(data).hexdigest() == contract.sha256:
            return Contract(contract.task, contract.label, contract.sha256, data.decode(errors="replace"))
    raise UnjudgeableError(f"the prompt {contract.label} is nowhere any more in the words that the run had")


def short_name(label: str) -> str:
    """The task's short name: the folder of its prompt."""
    return PurePosixPath(label).parent.name or PurePosixPath(label).stem


def is_simulated(model: str, server: Mapping[str, Any]) -> bool:
    """Return whether a model is simulated, from its server's facts and its name."""
    return bool(server.get("simulated")) or model.startswith(SIMULATED)


def _prompts(contract: Contract, root: Path, run_id: str | None) -> list[Path]:
    own = []
    if run_id:
        try:
            task = json.loads(RunFolder(root / "runs" / run_id).config.read_text(encoding="utf-8"))["task"]
            own = [Path(task["prompt"])] if task.get("prompt") else []
        except (OSError, ValueError, KeyError, TypeError):
            own = []
    return [EXAMPLES / contract.task.removeprefix(PREFIX) / "PROMPT.md", *own, Path(contract.label)]


def _from(root: Path, folder: Path) -> str:
    absolute = folder.resolve()
    return absolute.relative_to(root.resolve()).as_posix() if absolute.is_relative_to(root.resolve()) else str(absolute)
