"""Runs without a record, followed as their transcripts grow."""

import json
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.pages.fields import count, listed, mapping, text
from analysis.pages.run_page import planned_line
from analysis.render import level_text
from harness.outputs import RunFolder

LATEST = 6
"""Events that are shown of a run under way."""
LETTERS = 180
"""Letters of one of them."""
AT_ONCE = 8_000_000
"""Bytes of a transcript that one look reads."""
SILENT = 900.0
"""Seconds without an event after which a run is said to be silent."""


@dataclass
class OpenRun:
    """One run without a record: how far it came."""

    run_id: str
    folder: Path
    label: str
    limit: int | None
    simulated: bool = False
    number: int = 0
    """The current pass; 0 before the first."""
    step: int = 0
    tokens: int | None = None
    events: deque[str] = field(default_factory=lambda: deque(maxlen=LATEST))
    written: float = 0.0
    """When the transcript was last written to, in seconds since 1970."""
    _end: int = 0

    @classmethod
    def of(cls, run_id: str, folder: Path) -> "OpenRun":
        """Return a run with what its config says of it."""
        planned = planned_line(RunFolder(folder))
        levels = [
            f"{name} {level_text(planned[name])}" for name in ("ctx_limit", "memory", "replicate") if name in planned
        ]
        named = [text(planned.get("task")), text(planned.get("model")), *map(text, levels)]
        label = ", ".join(filter(None, named)) or run_id
        return cls(run_id, folder, label, count(planned.get("ctx_limit")), simulated=planned.get("simulated") is True)

    def look(self) -> None:
        """Read what was appended to the transcript since the last call."""
        path = self.folder / "transcript.jsonl"
        try:
            facts = path.stat()
            if not path.is_file() or path.is_symlink():
                return
            with path.open("rb") as file:
                file.seek(self._end)
                raw = file.read(AT_ONCE)
        except OSError:
            return
        self.written = facts.st_mtime
        whole, _, torn = raw.rpartition(b"\n")
        self._end += len(raw) - len(torn)
        for line in whole.splitlines():
            self._take(line)

    @property
    def silent(self) -> float:
        """Seconds since the transcript was written to."""
        return max(0.0, time.time() - self.written)

    @property
    def alive(self) -> bool:
        """True unless the run has been silent for long: it waits for a slow reply, or was killed."""
        return self.silent < SILENT

    def _take(self, line: bytes) -> None:
        try:
            event = mapping(json.loads(line))
        except (ValueError, RecursionError):
            return
        kind = event.get("event")
        if kind == "pass_started":
            self.number, self.step, self.tokens = count(event.get("number")) or self.number + 1, 0, None
        elif kind == "reply":
            self.step = count(event.get("step")) or self.step + 1
            self.tokens = count(mapping(event.get("usage")).get("total_tokens"))
        said = _said(event)
        if said:
            self.events.append(said if len(said) <= LETTERS else f"{said[:LETTERS]}…")


def _said(event: Mapping[str, Any]) -> str:
    kind = event.get("event")
    if kind == "reply":
        content = " ".join(text(event.get("content")).split())
        names = [_call(mapping(call)) for call in listed(event.get("tool_calls"))]
        return "; ".join(filter(None, [content[:LETTERS], f"calls {', '.join(names)}" if names else ""]))
    if kind == "verdict":
        accepted = event.get("accepted") is True
        return (
            "the gate accepted"
            if accepted
            else f"the gate could not verify: {text(event['error'])}"
            if event.get("error")
            else "the gate refused"
        )
    if kind == "pass_finished":
        return f"pass {text(event.get('number'))} ended: {text(event.get('reason'))}"
    return {"waiting_for_workspace": "waits for the workspace, in which another run works"}.get(str(kind), "")


def _call(call: Mapping[str, Any]) -> str:
    """Return the name of a called tool, and the path that it is about."""
    with suppress(ValueError, RecursionError):
        path = mapping(json.loads(str(call.get("arguments")))).get("path")
        return f"{text(call.get('name'))} {text(path)[:LETTERS]}".rstrip()
    return text(call.get("name"))


class OpenRuns:
    """All runs without a record, of which the newest are followed."""

    MOST = 12
    """Runs that are followed; a folder of killed runs may hold many more."""

    def __init__(self) -> None:
        self._known: dict[str, OpenRun] = {}

    def look(self, folders: Mapping[str, Path]) -> Sequence[OpenRun]:
        """Return the newest of some run folders, as far as their transcripts have come."""
        newest = list(folders.items())[: self.MOST]
        self._known = {run_id: self._known.get(run_id) or OpenRun.of(run_id, path) for run_id, path in newest}
        for run in self._known.values():
            run.look()
        return list(self._known.values())
