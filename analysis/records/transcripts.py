"""Transcripts of runs: the events of a run's folder, arranged as passes and steps."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from harness.ledger import Ledger
from harness.outputs import Outputs, RunFolder

Event = dict[str, Any]
"""One line of a transcript; docs/record.md lists the kinds."""


@dataclass
class StepEvents:
    """One reply of the model, and what followed it until the next one."""

    reply: Event
    after: list[Event] = field(default_factory=list)
    """Tools, verdicts and levers, in order."""


@dataclass
class PassEvents:
    """One pass."""

    number: int
    opening: str = ""
    """Text that the lever added to the prompt of this pass."""
    steps: list[StepEvents] = field(default_factory=list)
    probe: list[Event] = field(default_factory=list)
    """Verdicts of the check after the last step of the pass, where no step holds them."""
    finished: Event | None = None
    """None where the run was cut off in this pass."""


@dataclass
class TranscriptPasses:
    """All that a transcript says, in order."""

    started: Event = field(default_factory=dict)
    prompts: Event = field(default_factory=dict)
    """The system prompt, the task prompt and the tools; empty in transcripts older than this event."""
    proof: Event = field(default_factory=dict)
    """Basis of an acceptance; empty in transcripts older than this event."""
    warnings: list[str] = field(default_factory=list)
    passes: list[PassEvents] = field(default_factory=list)
    finished: Event = field(default_factory=dict)
    torn: int = 0
    """Lines that are no event: a kill may leave one."""


@dataclass(frozen=True)
class StoredRun:
    """A run on the disk: its record, if it has one, and its folder, if that is there."""

    line: dict[str, Any] | None
    folder: RunFolder

    @property
    def transcript(self) -> TranscriptPasses | None:
        """The events; None if there is no transcript."""
        return read_transcript(self.folder.transcript)


def find_run(name: str, ledgers: Iterable[Path]) -> StoredRun:
    """Return the run that is meant by an id, the beginning of one, the path of its folder, or `last`.

    Raises AnalysisError if no run is meant, or several.
    """
    if ("/" in name or name in (".", "..")) and Path(name).is_dir():
        folder = RunFolder(Path(name).resolve())
        return StoredRun(_record_in(folder), folder)
    runs: dict[str, StoredRun] = {}
    for ledger in ledgers:
        if not ledger.is_file():
            raise AnalysisError(f"{ledger}: no such ledger; a sweep writes it, or name yours with --runs")
        runs |= _stored(ledger)
    if name == "last" and runs:
        return list(runs.values())[-1]
    meant = [run for run_id, run in runs.items() if run_id == name] or [
        run for run_id, run in runs.items() if name in run_id
    ]
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise AnalysisError(f"{name}: no such run; harness analysis runs lists them, and last is the latest")
    raise AnalysisError(f"{name}: {len(meant)} runs are meant: {', '.join(run.folder.run_id for run in meant[:5])}, …")


def _stored(ledger: Path) -> dict[str, StoredRun]:
    """Runs of one log folder by id, in order of their start: those on the ledger, and folders without a record."""
    outputs = Outputs(ledger.parent)
    runs = {
        run_id: StoredRun(line, outputs.folder(run_id))
        for line in Ledger(ledger).read()
        if isinstance(run_id := line.get("run_id"), str)
    }
    if outputs.runs.is_dir():
        for path in outputs.runs.iterdir():
            if path.is_dir() and path.name not in runs:
                runs[path.name] = StoredRun(None, RunFolder(path))
    return dict(sorted(runs.items()))


def _record_in(folder: RunFolder) -> dict[str, Any] | None:
    try:
        line = json.loads(folder.record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return line if isinstance(line, dict) else None


def read_transcript(path: Path) -> TranscriptPasses | None:
    """Return the events of a transcript, arranged; None if the file is not there."""
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    whole = TranscriptPasses()
    for line in raw.splitlines():
        event = _event(line)
        if event is None:
            whole.torn += bool(line.strip())
        else:
            _take(whole, event)
    return whole


def _event(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _take(whole: TranscriptPasses, event: Event) -> None:
    kind, current = event["event"], whole.passes[-1] if whole.passes else None
    if kind == "run_started":
        whole.started = event
    elif kind == "prompts":
        whole.prompts = event
    elif kind == "proof":
        whole.proof = event
    elif kind == "warning":
        whole.warnings.append(str(event.get("text")))
    elif kind == "run_finished":
        whole.finished = event
    elif kind == "pass_started":
        whole.passes.append(PassEvents(event.get("number", len(whole.passes) + 1)))
    elif current is None:
        return
    elif kind == "pass_finished":
        current.finished = event
    elif kind == "lever" and event.get("place") == "opening":
        current.opening = str(event.get("text"))
    elif kind == "reply":
        current.steps.append(StepEvents(event))
    elif current.steps:
        current.steps[-1].after.append(event)
    else:
        current.probe.append(event)
