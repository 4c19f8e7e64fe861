"""One arm of a declared contrast in one stratum: what was planned, and what was run of it."""

from dataclasses import dataclass, field

from analysis.records.cells import SweepCell
from analysis.stats.arms import TwoArms


@dataclass
class DeclaredArm:
    """One arm of a stratum."""

    stratum: str = ""
    """Levels of the other factors; empty where there is no other."""
    planned: int = 0
    rows: list[SweepCell] = field(default_factory=list)

    @property
    def completed(self) -> int:
        return sum(row.completed for row in self.rows)

    @property
    def runs(self) -> int:
        return sum(row.runs for row in self.rows)

    @property
    def left(self) -> int:
        return max(0, self.planned - self.runs)

    @property
    def named(self) -> set[str]:
        """Keys of its cells, with results or without."""
        return {str(row.cell) for row in self.rows}

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the cells with results."""
        return tuple(sorted({str(row.cell) for row in self.rows if row.runs}))


def table_of(a: DeclaredArm, b: DeclaredArm) -> TwoArms:
    """The counts of baseline and level."""
    return TwoArms(a.completed, a.runs, b.completed, b.runs)
