"""Arms that a sequential sweep stopped early, whose rates are therefore not those of the full design."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.contrasts.declaration import StoppingDecision, kept
from analysis.records.fields import canonical
from analysis.records.pool import RunPool
from analysis.render import level_text


@dataclass(frozen=True)
class StoppedArm:
    """One cell with fewer results than planned, because its sweep decided on a contrast before."""

    sweep: str
    factor: str
    level: str
    made: int
    """Results of the sweep in this cell."""
    planned: int
    decision: StoppingDecision

    def __str__(self) -> str:
        return f"{self.factor} {level_text(self.level)}: {self.made} of {self.planned} runs"


class StoppedArms:
    """The cells that were stopped early, by the key that records carry."""

    def __init__(self, arms: dict[str, StoppedArm]) -> None:
        self._arms = arms

    @classmethod
    def of(cls, pool: RunPool, paths: Sequence[Path]) -> "StoppedArms":
        """Read the decisions beside the ledgers; filtered runs count as made."""
        files = kept(paths)
        early = {
            place: one for place, one in files.decided.items() if one.block < one.blocks and place[0] in files.declared
        }
        sweeps = {place[0] for place in early}
        made: Counter[tuple[str, str]] = Counter()
        for row in pool.swept(sweeps, ()) if sweeps else ():
            made[str(row.sweep), str(row.cell)] += row.runs
        arms = {}
        for (sweep, key, baseline, level), decision in early.items():
            factor = canonical(key)
            for cell, planned in files.declared[sweep][0].cells.items():
                at = planned.levels.get(key)
                if at in (baseline, level) and 0 < made[sweep, cell] < planned.runs:
                    arms[cell] = StoppedArm(sweep, factor, str(at), made[sweep, cell], planned.runs, decision)
        return cls(arms)

    def among(self, keys: Iterable[str]) -> list[StoppedArm]:
        """Return those of some cells, each once."""
        return list(dict.fromkeys(self._arms[key] for key in sorted(keys) if key in self._arms))
