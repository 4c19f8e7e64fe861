"""Progress of sweeps, from their declarations and their ledgers."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from analysis.contrasts.declaration import Declaration, kept
from analysis.pages.rows import RunRow
from harness.outcome import Outcome

RESULTS = frozenset(outcome.value for outcome in Outcome if outcome.counts)

UNITS = (("days", 86400), ("h", 3600), ("min", 60))


@dataclass(frozen=True)
class SweepProgress:
    """One declared sweep: the runs that have a result, and the time that the others may take."""

    sweep: str
    done: int
    planned: int
    faults: int
    seconds: float | None
    """Seconds of work that is left; None where no run of the sweep says how long one takes."""
    early: bool
    """True if the sweep has a rule by which it may end earlier."""

    @property
    def left(self) -> int:
        return self.planned - self.done

    def time_left(self, at_once: int) -> str:
        """Return the time left with so many runs at a time, in words; empty where it is unknown."""
        return f"about {duration(self.seconds / max(1, at_once))} left" if self.seconds and self.left else ""


class SweepProgresses:
    """Progress of all sweeps of some ledgers, kept up to date line by line."""

    def __init__(self, ledgers: Sequence[Path]) -> None:
        self._ledgers = ledgers
        self._results: dict[str, set[int | None]] = defaultdict(set)
        """Replicates with a result, by cell."""
        self._faults: Counter[str] = Counter()
        self._seconds: dict[str, list[float]] = defaultdict(list)
        self._by_model: dict[str, list[float]] = defaultdict(list)

    def take(self, rows: Iterable[RunRow]) -> None:
        """Count new rows."""
        for row in rows:
            if row.outcome not in RESULTS:
                self._faults[row.sweep] += row.outcome == Outcome.FAULT
                continue
            cell, replicate = row.key
            self._results[cell].add(replicate)
            if row.seconds is not None:
                self._seconds[cell].append(row.seconds)
                self._by_model[row.model].append(row.seconds)

    def look(self) -> list[SweepProgress]:
        """Return the sweeps that are not finished, and the latest one, the latest first."""
        latest = [dated[-1] for dated in kept(self._ledgers).declared.values() if dated]
        latest.sort(key=lambda one: one.time, reverse=True)
        all_of_them = [self._progress(one) for one in latest]
        return [one for place, one in enumerate(all_of_them) if one.left or place == 0]

    def _progress(self, declared: Declaration) -> SweepProgress:
        seconds: float | None = 0.0
        done = 0
        for key, cell in declared.cells.items():
            made = min(cell.runs, len(self._results.get(key, ())))
            done += made
            known = self._seconds.get(key) or self._by_model.get(cell.model)
            if cell.runs > made:
                seconds = None if seconds is None or not known else seconds + (cell.runs - made) * median(known)
        early = bool(declared.rule)
        return SweepProgress(declared.sweep, done, declared.runs, self._faults[declared.sweep], seconds, early)


def duration(seconds: float) -> str:
    """Return seconds in a readable unit."""
    for unit, size in UNITS:
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}" if seconds < 10 * size else f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
