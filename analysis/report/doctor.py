"""Checks ledgers and run folders, and repairs what can be repaired without deleting anything."""

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.records.columns import FACTORS
from analysis.render import Column, CommandReport, Table
from harness.ledger import Ledger
from harness.outcome import Outcome
from harness.record import SCHEMA, RunRecord

COLUMNS = [Column("ledger", "ledger", "text"), Column("where", "where", "text"), Column("finding", "finding", "text")]

KINDS = {
    "BOOLEAN": ("switch", (bool,)),
    "BIGINT": ("whole number", (int,)),
    "DOUBLE": ("number", (int, float)),
    "VARCHAR": ("text", (str,)),
    "MAPPING": ("mapping", (dict,)),
}
"""Types of values: their names in words, and their JSON types."""

MAPPINGS = frozenset(entry.name for entry in fields(RunRecord) if entry.default_factory is dict)
"""Fields that are read as text, and that a line holds as a mapping."""

UNSOUND = 1
"""Exit code where something is wrong."""

REQUIRED = ("time", "model", "task", "outcome", "ctx_limit")


@dataclass(frozen=True)
class LedgerFinding:
    """One thing that is not as it should be."""

    where: str
    text: str
    lost: dict[str, Any] | None = None
    """The record that a repair would bring back, for a run whose line is missing."""


def doctor_report(paths: Sequence[Path], *, repair: bool) -> CommandReport:
    """Return the faults of each ledger and the run folders beside it. Raises AnalysisError for a missing ledger.

    The exit code is 1 if something is wrong, with `repair` if something still is.
    """
    rows: list[dict[str, Any]] = []
    left = False
    notes: list[str] = []
    for path in paths:
        if not path.is_file():
            raise AnalysisError(f"{path}: no such ledger")
        findings = examine(path)
        rows += [{"ledger": str(path), "where": one.where, "finding": one.text} for one in findings]
        if repair:
            notes += mended(path, findings)
        left |= bool(examine(path) if repair else findings)
    if not rows:
        notes.append("nothing to find: every line is whole, every run once, every record in the ledger")
    elif not repair:
        notes.append("nothing was changed; --repair brings lost records back and ends a torn last line")
    tables = [Table("doctor", f"{len(rows)} findings", COLUMNS, rows)] if rows else []
    return CommandReport([], tables, notes, exit_code=UNSOUND if left else 0)


def examine(path: Path) -> list[LedgerFinding]:
    """Torn and odd lines, runs on several lines, and run folders that the ledger does not know."""
    torn: list[LedgerFinding] = []
    lines = list(
        Ledger(path).read(
            lambda number, start: torn.append(LedgerFinding(f"line {number}", f"torn: {start[:40].rstrip()}"))
        )
    )
    odd = [LedgerFinding(f"record {place}", why) for place, line in enumerate(lines, start=1) for why in _odd(line)]
    empty = [] if lines or torn else [LedgerFinding("ledger", "is empty: it holds no run")]
    return [*empty, *torn, *odd, *_repeated(lines), *_mixed(lines), *_folders(path, lines), *_tail(path)]


def mended(path: Path, findings: Sequence[LedgerFinding]) -> list[str]:
    """Append lost records, which also ends a torn last line; the ledger as it was is kept beside it."""
    lost = [one.lost for one in findings if one.lost is not None]
    unended = any(one.where == "last line" for one in findings)
    if not lost and not unended:
        return [f"{path}: nothing that could be repaired"]
    kept = path.with_name(f"{path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}.kept")
    shutil.copy2(path, kept)
    ledger = Ledger(path)
    for line in lost:
        ledger.append(line)
    if not lost:
        with path.open("ab") as file:
            file.write(b"\n")
    return [f"{path}: {len(lost)} lost records brought back; as it was: {kept}"]


def _odd(line: dict[str, Any]) -> list[str]:
    missing = [name for name in REQUIRED if line.get(name) is None]
    findings = [f"has no {', '.join(missing)}"] if missing else []
    outcome = line.get("outcome")
    if outcome is not None and outcome not in [one.value for one in Outcome]:
        findings.append(f"unknown outcome {outcome}")
    schema = line.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        findings.append(f"schema {schema} is newer than {SCHEMA}")
    try:
        datetime.fromisoformat(str(line.get("time")))
    except ValueError:
        findings.append(f"time {line.get('time')} cannot be read")
    kinds = FACTORS | dict.fromkeys(MAPPINGS & FACTORS.keys(), "MAPPING")
    findings += [
        f"{name} {line[name]} is no {KINDS[kind][0]}"
        for name, kind in kinds.items()
        if line.get(name) is not None and type(line[name]) not in KINDS[kind][1]
    ]
    reasons = line.get("pass_reasons")
    if isinstance(reasons, list) and isinstance(line.get("passes"), int) and len(reasons) != line["passes"]:
        findings.append(f"{line['passes']} passes, but {len(reasons)} reasons")
    return findings


def _mixed(lines: Sequence[dict[str, Any]]) -> list[LedgerFinding]:
    """Cells whose runs had their tools in different ways, which model.tools=auto allows."""
    modes: dict[str, Counter[str]] = {}
    for line in lines:
        if line.get("cell") and line.get("tools_mode"):
            modes.setdefault(str(line["cell"]), Counter())[str(line["tools_mode"])] += 1
    return [
        LedgerFinding(
            f"cell {cell}", f"tools: {', '.join(f'{mode} in {n} runs' for mode, n in sorted(counts.items()))}"
        )
        for cell, counts in modes.items()
        if len(counts) > 1
    ]


def _repeated(lines: Sequence[dict[str, Any]]) -> list[LedgerFinding]:
    by_id: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        if line.get("run_id"):
            by_id.setdefault(str(line["run_id"]), []).append(line)
    return [
        LedgerFinding(
            run_id, f"on {len(same)} lines, {'all alike' if all(s == same[0] for s in same) else 'contradicting'}"
        )
        for run_id, same in by_id.items()
        if len(same) > 1
    ]


def _folders(path: Path, lines: Sequence[dict[str, Any]]) -> list[LedgerFinding]:
    """Run folders without a line: with a record it was lost on the way, without one the run never ended."""
    folder = path.parent / "runs"
    known = {line.get("run_id") for line in lines}
    unknown = sorted(run for run in folder.iterdir() if run.is_dir()) if folder.is_dir() else []
    return [_unknown(run) for run in unknown if run.name not in known]


def _unknown(run: Path) -> LedgerFinding:
    record = run / "record.json"
    if not record.is_file():
        return LedgerFinding(run.name, "started and unfinished: under way, or killed")
    try:
        line = json.loads(record.read_text(encoding="utf-8"))
    except ValueError:
        return LedgerFinding(run.name, "its record.json cannot be read")
    if not isinstance(line, dict) or line.get("run_id") != run.name:
        return LedgerFinding(run.name, "its record.json is of another run")
    return LedgerFinding(run.name, "finished, but not in the ledger", lost=line)


def _tail(path: Path) -> list[LedgerFinding]:
    text = path.read_bytes()
    return [LedgerFinding("last line", "has no end of line")] if text and not text.endswith(b"\n") else []
