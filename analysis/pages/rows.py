"""Rows of the list of runs: the figures of each, and why it ended."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from analysis.pages.fields import count, listed, mapping, number, text
from analysis.pages.run_page import outcome_of, sentence
from analysis.records.columns import FACTORS
from analysis.render import printable
from harness.outcome import Outcome
from harness.record import SCHEMA

OUTCOMES = tuple(outcome.value for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run in the list."""

    run_id: str
    cell: str
    """Key of its cell; of a line without one, a hash of its factors."""
    sweep: str
    outcome: str
    ended: float
    """Seconds since 1970; 0 if its times cannot be read."""
    seconds: float | None
    key: tuple[str, int | None]
    """Cell and replicate."""
    model: str
    task: str
    shown: str
    """The row as the browser gets it: a JSON list of the columns in `COLUMNS`."""

    def sentence(self) -> str:
        """Return why the run ended, its outcome first."""
        return str(json.loads(self.shown)[7])

    @classmethod
    def of(cls, run_id: str, line: Mapping[str, Any], *, repeated: bool = False) -> "RunRow":
        """Make the row of a line of the ledger."""
        seconds = number(line.get("duration_sec"))
        started, shown = _started(line)
        cell = text(line.get("cell")) or _factors(line)
        sweep, outcome, model = text(line.get("sweep")), outcome_of(line), text(line.get("model"))
        task = task_name(line)
        why = "; ".join(filter(None, [_uncounted(line, outcome, repeated=repeated), sentence(line)]))
        columns = [
            run_id,
            shown,
            sweep,
            task,
            model,
            line.get("simulated") is True,
            outcome,
            why,
            count(line.get("passes")),
            count(line.get("packages_green")),
            count(line.get("packages_total")),
            count(line.get("total_tokens")),
            seconds,
            cell,
            _levels(line),
        ]
        packed = json.dumps(columns, separators=(",", ":"))
        ended = started + (seconds or 0.0)
        replicate = count(line.get("replicate"))
        return cls(run_id, cell, sweep, outcome, ended, seconds, (cell, replicate), model, task, packed)


def open_row(run_id: str, planned: Mapping[str, Any]) -> str:
    """Return the row of a folder without a record, with what its config says (`planned_line`)."""
    started = ""
    with suppress(ValueError):
        started = datetime.strptime(run_id[:15], "%Y%m%dT%H%M%S").strftime("%Y-%m-%d %H:%M:%S")
    subject = [task_name(planned), text(planned.get("model")), planned.get("simulated") is True]
    columns = [run_id, started, "", *subject, "", sentence(None), *[None] * 5, "", _levels(planned)]
    return json.dumps(columns, separators=(",", ":"))


def identity(line: Mapping[str, Any]) -> str:
    """Return the id of a run, safe to show; the original's runs are known by when they ran, on what, and their cost."""
    run_id = line.get("run_id")
    if isinstance(run_id, str) and run_id:
        return printable(run_id)
    parts = (line.get(name) for name in ("time", "task", "model", "duration_sec", "total_tokens"))
    return "|".join(printable(part) for part in parts if part is not None)


def task_name(line: Mapping[str, Any]) -> str:
    """Return the name of a bundled task, and the path of any other."""
    path = text(line.get("task"))
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[2] if name == "PROMPT.md" and folder else path


def _started(line: Mapping[str, Any]) -> tuple[float, str]:
    try:
        moment = datetime.fromisoformat(str(line.get("time")))
        return moment.timestamp(), moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return 0.0, text(line.get("time"))[:40]


def _uncounted(line: Mapping[str, Any], outcome: str, *, repeated: bool) -> str:
    """Return why a line is in no rate, where its outcome does not say so."""
    schema = count(line.get("schema"))
    if schema is not None and schema > SCHEMA:
        return f"schema {schema} is newer than {SCHEMA}: not counted"
    if repeated:
        return "a second line of the same run"
    return "" if outcome in OUTCOMES else "no known outcome: not counted"


def _factors(line: Mapping[str, Any]) -> str:
    known = json.dumps([str(line.get(name)) for name in FACTORS])
    return "f" + hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()[:15]


def _levels(line: Mapping[str, Any]) -> str:
    """Return the levels that questions are most often about, for search."""
    names = ("ctx_limit", "memory", "elide_passing", "lever", "variant", "replicate", "block")
    levels = [f"{name}={text(line[name]).lower()}" for name in names if line.get(name) not in (None, "none")]
    levels += [f"{text(name)}={text(value)}" for name, value in mapping(line.get("server_levels")).items()]
    return " ".join([*levels, *(text(one) for one in listed(line.get("tampering")))])
