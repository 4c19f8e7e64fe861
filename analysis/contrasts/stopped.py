"""Arms that a sequential sweep stopped early, whose rates are therefore not those of the full design."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.contrasts.declaration import Declaration, DeclaredContrast, StoppingDecision, kept
from analysis.records.fields import canonical
from analysis.records.pool import RunPool
from analysis.render import level_text, show

if TYPE_CHECKING:
    from analysis.stats.stopped_estimate import AdjustedRates


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
    adjusted: float | None = None
    """Its rate without the bias of the stop; None where it is not known."""

    def __str__(self) -> str:
        rate = "" if self.adjusted is None else f", adjusted {show(self.adjusted, 'rate')}"
        return f"{self.factor} {level_text(self.level)}: {self.made} of {self.planned} runs{rate}"


def adjusted_by(
    declaration: Declaration, planned: DeclaredContrast, decision: StoppingDecision
) -> "AdjustedRates | None":
    """Return the rates of baseline and level without the bias of an early stop; None where they are not known.

    They are known for one stratum, and where the decision was made on as many whole blocks as it says.
    """
    arms = decision.arms
    if arms is None or arms.n_a != decision.block:
        return None
    from analysis.stats.stopped_estimate import StoppingRule, adjusted_rates  # noqa: PLC0415 - loads NumPy

    stop = str(declaration.rule.get("stop"))
    return adjusted_rates(StoppingRule(stop, decision.blocks, planned.side, planned.alpha), arms)


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
            factor, first = canonical(key), files.declared[sweep][0]
            named = (one for one in first.contrasts if (one.key, one.baseline, one.level) == (key, baseline, level))
            planned_contrast = next(named, None)
            rates = adjusted_by(first, planned_contrast, decision) if planned_contrast else None
            for cell, planned in first.cells.items():
                at, runs = planned.levels.get(key), made[sweep, cell]
                if at in (baseline, level) and 0 < runs < planned.runs:
                    # A baseline that went on for other levels has other counts than those of this decision.
                    same = rates is not None and runs == decision.block
                    adjusted = (rates.a if at == baseline else rates.b) if rates and same else None
                    arms[cell] = StoppedArm(sweep, factor, str(at), runs, planned.runs, decision, adjusted)
        return cls(arms)

    def among(self, keys: Iterable[str]) -> list[StoppedArm]:
        """Return those of some cells, each once."""
        return list(dict.fromkeys(self._arms[key] for key in sorted(keys) if key in self._arms))
