"""Groups of comparable runs, with notes on differences that are not shown."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from analysis.records.cells import Level, PooledCell
from analysis.records.columns import ARM, FACTORS, HASHES, SUBJECT
from analysis.records.fields import config_fields
from analysis.records.server_facts import is_server_fact
from harness.outcome import Outcome

DECIDED = {"model": ARM, "task": SUBJECT, "toolchain": SUBJECT, "server": ARM, "agent": ("agent",)}
"""Sections of the config, with the factors that decide them as a rule."""


@dataclass
class RunGroup:
    """Runs that are counted together."""

    levels: dict[str, Level]
    """Levels of the shown factors."""
    cells: list[PooledCell] = field(default_factory=list)

    @property
    def outcomes(self) -> Counter[str]:
        return sum((cell.outcomes for cell in self.cells), Counter())

    @property
    def runs(self) -> int:
        """Runs that are results: faults and interruptions are not."""
        return sum(count for outcome, count in self.outcomes.items() if Outcome(outcome).counts)

    @property
    def completed(self) -> int:
        return self.outcomes[Outcome.COMPLETED]

    @property
    def pooled_over(self) -> dict[str, list[Level]]:
        """Factors that vary inside the group, each with its levels."""
        return {name: levels_of(self.cells, name) for name in varying(self.cells)}


def with_results(cells: Iterable[PooledCell]) -> list[PooledCell]:
    """Cells in which something came to a result."""
    return [cell for cell in cells if RunGroup({}, [cell]).runs]


def levels_of(cells: Iterable[PooledCell], name: str) -> list[Level]:
    """The levels of a factor that occur, in natural order: false before true, none first, unknown last."""
    return sorted({cell.levels[name] for cell in cells}, key=natural)


def natural(level: Level) -> tuple[bool, bool, float, str]:
    """Sorts levels of one factor."""
    number = float(level) if isinstance(level, int | float) else 0.0
    return level is None, level not in ("none", None), number, str(level)


def varying(cells: Sequence[PooledCell]) -> list[str]:
    """Fields with more than one level. One that only follows others, or is unknown, is none of them."""
    return [
        name
        for name in columns_of(cells)
        if len(levels_of(cells, name)) > 1 and (deciders(name) is None or _splits(cells, name))
    ]


def deciders(name: str) -> tuple[str, ...] | None:
    """Return the factors that decide a text, a server or a setting of the config; None for a factor of its own."""
    if name in HASHES:
        return HASHES[name]
    if name in FACTORS or is_server_fact(name):
        return None
    return DECIDED.get(name.partition(".")[0], ()) if name in config_fields() else None


def columns_of(cells: Sequence[PooledCell]) -> list[str]:
    """The factors, and the facts of the server that were read beside them."""
    return list(cells[0].levels) if cells else list(FACTORS)


def must_show(cells: Sequence[PooledCell]) -> list[str]:
    """Varying factors over which nothing is ever pooled: the subject, and texts or seeds known to differ."""
    return [name for name in varying(cells) if name in SUBJECT or name in HASHES]


def group(cells: Sequence[PooledCell], by: Sequence[str]) -> list[RunGroup]:
    """Count cells together that agree in some factors, and in whatever must be shown anyway."""
    return apart(cells, [name for name in columns_of(cells) if name in {*by, *must_show(cells)}])


def apart(cells: Sequence[PooledCell], by: Sequence[str]) -> list[RunGroup]:
    """Count cells together that agree in just these factors, whatever else varies."""
    groups: dict[tuple[Level, ...], RunGroup] = {}
    for cell in cells:
        levels = {name: cell.levels[name] for name in by}
        groups.setdefault(tuple(levels.values()), RunGroup(levels)).cells.append(cell)
    return sorted(groups.values(), key=lambda group: [natural(level) for level in group.levels.values()])


def _splits(cells: Sequence[PooledCell], name: str) -> bool:
    """Return whether two known hashes occur where all that decides the hash is the same."""
    known: dict[tuple[Level, ...], set[Level]] = {}
    for cell in cells:
        if cell.levels[name] is not None:
            known.setdefault(tuple(cell.levels.get(part) for part in deciders(name) or ()), set()).add(
                cell.levels[name]
            )
    return any(len(hashes) > 1 for hashes in known.values())
