"""Reads what sweeps declared: `sweeps/<name>.json` beside the ledger, a dated list that a sweep only ever adds to."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from analysis.records.fields import canonical
from analysis.render import level_text
from analysis.stats.arms import TwoArms

DECIDED = ".decided.json"
"""Suffix of the file with the decisions of a sweep that stops early."""


class DeclaredContrast(NamedTuple):
    """One contrast as it was declared; levels as they were written."""

    key: str
    """The factor, as the configuration calls it."""
    baseline: str
    level: str
    side: str
    alpha: float
    family: str
    margin: float | None = None
    """Difference of rates within which a test of equivalence was declared; None for none."""

    @property
    def factor(self) -> str:
        """The factor, as records call it."""
        return canonical(self.key)

    def __str__(self) -> str:
        return f"{self.factor} {level_text(self.level)} against {level_text(self.baseline)}"


@dataclass(frozen=True)
class DeclaredCell:
    """One combination of levels that was to be run."""

    model: str
    levels: Mapping[str, str]
    runs: int


class StoppingDecision(NamedTuple):
    """The decision of a sequential sweep on one contrast."""

    significant: bool
    reason: str
    block: int
    """Whole blocks when it was decided."""
    blocks: int
    """Those planned."""
    e: float | None
    """The e-process when it was decided; None where another rule decides."""
    arms: TwoArms | None = None
    """Counts of baseline and level when it was decided; None where there are several strata, or none was recorded."""

    def __str__(self) -> str:
        return f"stopped after block {self.block} of {self.blocks}: {self.reason}"


@dataclass(frozen=True)
class Declaration:
    """One dated declaration of a sweep."""

    sweep: str
    time: datetime
    contrasts: tuple[DeclaredContrast, ...]
    cells: Mapping[str, DeclaredCell]
    """By the key that records carry too."""
    rule: Mapping[str, Any]
    """The stopping rule; empty if the sweep runs everything."""
    models: frozenset[str]
    """All that it names, whatever part of it this is."""

    @property
    def runs(self) -> int:
        return sum(cell.runs for cell in self.cells.values())

    def of(self, model: str | None) -> "Declaration":
        """The part of it that concerns one model; None: all of it."""
        kept = {key: cell for key, cell in self.cells.items() if model in (None, cell.model)}
        return Declaration(self.sweep, self.time, self.contrasts, kept, self.rule, self.models)


Decisions = dict[tuple[str, str, str, str], StoppingDecision]
"""By sweep, key of the factor, baseline and level."""


@dataclass(frozen=True)
class DeclarationFiles:
    """Declarations and decisions of the sweeps beside some ledgers."""

    declared: dict[str, list[Declaration]]
    """By sweep, earliest first."""
    decided: Decisions
    unread: list[str]
    """A line on each file that cannot be read."""


def kept(ledgers: Iterable[Path]) -> DeclarationFiles:
    """Read what was declared and decided.

    A file counts whole or not at all: without its first entry, a later one would pass for the first.
    """
    declarations: dict[str, list[Declaration]] = {}
    decided: Decisions = {}
    unread = []
    for folder in dict.fromkeys(ledger.parent / "sweeps" for ledger in ledgers):
        for path in sorted(folder.glob("*.json")):
            entries = []
            try:
                listed = json.loads(path.read_text(encoding="utf-8"))
                if path.name.endswith(DECIDED):
                    decided |= _decisions(listed[-1])
                else:
                    entries = [_declaration(entry) for entry in listed]
            except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
                unread.append(f"{path}: cannot be read as what a sweep declared ({type(error).__name__}: {error})")
            for entry in entries:
                declarations.setdefault(entry.sweep, []).append(entry)
    dated = {sweep: sorted(entries, key=lambda one: one.time) for sweep, entries in declarations.items()}
    return DeclarationFiles(dated, decided, unread)


def _declaration(entry: Mapping[str, Any]) -> Declaration:
    contrasts = tuple(
        DeclaredContrast(
            one["factor"],
            one["baseline"],
            one["level"],
            one["side"],
            float(one["alpha"]),
            one["family"],
            None if one.get("margin") is None else float(one["margin"]),
        )
        for one in entry["contrasts"]
    )
    cells = {
        key: DeclaredCell(cell["model"], dict(cell["levels"]), len(cell["replicates"]))
        for key, cell in entry["cells"].items()
    }
    models = frozenset(cell.model for cell in cells.values())
    return Declaration(entry["sweep"], _instant(entry["time"]), contrasts, cells, entry.get("rule") or {}, models)


def _decisions(entry: Mapping[str, Any]) -> Decisions:
    return {
        (entry["sweep"], one["factor"], one["baseline"], one["level"]): StoppingDecision(
            bool(one["significant"]), one["reason"], one["stopped_after_block"], one["blocks"], one["e"], _arms(one)
        )
        for one in entry.get("contrasts", ())
    }


def _arms(decided: Mapping[str, Any]) -> TwoArms | None:
    strata: list[Any] = decided.get("strata") or []
    if len(strata) != 1:
        return None
    runs, completed = strata[0]["runs"], strata[0]["completed"]
    return TwoArms(completed[0], runs[0], completed[1], runs[1])


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"time {text}: has no offset")
    return instant


def in_line(names: Sequence[str]) -> str:
    """Names in a line, the first few of many."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
