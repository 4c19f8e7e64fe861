"""History of a declared contrast: its declarations, and the runs made of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from analysis.contrasts.confounding import Differences, differences, in_words, merged
from analysis.contrasts.contrast import ArmKeys
from analysis.contrasts.declaration import Declaration, DeclaredContrast, StoppingDecision
from analysis.contrasts.declared_arm import DeclaredArm, table_of
from analysis.records.cells import PooledCell, SweepCell
from analysis.records.groups import with_results
from analysis.stats.arms import TwoArms
from analysis.stats.curtailed import Left
from harness.exact_test import TIE


@dataclass(frozen=True)
class ContrastHistory:
    """All declarations of one contrast of a sweep for one model, with the runs made."""

    planned: DeclaredContrast
    model: str | None
    """None where the model itself is what is compared."""
    entries: list[Declaration]
    """Those that hold cells of the model, earliest first."""
    rows: list[SweepCell]
    """Runs of the model in the sweep."""
    began: datetime | None
    """When the first run of its cells was made, by whatever sweep: a result that is there is not made again."""
    decision: StoppingDecision | None
    cells: list[PooledCell] = field(default_factory=list)
    """Cells of the sweep, with what is known of them."""

    @property
    def sweep(self) -> str:
        return self.entries[0].sweep

    @property
    def named(self) -> str:
        """The contrast, with its margin if it has one."""
        margin = self.planned.margin
        return str(self.planned) if margin is None else f"{self.planned} with a margin of {margin:g}"

    @property
    def stop(self) -> str | None:
        """The rule by which the sweep stops by itself: curtail or evalue; None where it runs everything."""
        rule = self.entries[0].rule.get("stop")
        return None if rule is None else str(rule)

    @property
    def simulated(self) -> bool | None:
        """None where nothing was run yet, or both kinds were."""
        kinds = {row.simulated for row in self.rows}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def strata(self) -> list[tuple[DeclaredArm, DeclaredArm]]:
        """Baseline and level in each stratum for which the first declaration planned both."""
        key, strata = self.planned.key, dict[tuple[str, ...], tuple[DeclaredArm, DeclaredArm]]()
        for name, cell in self.entries[0].cells.items():
            if cell.levels.get(key) in (self.planned.baseline, self.planned.level):
                stratum = tuple(f"{other}={level}" for other, level in cell.levels.items() if other != key)
                named = ", ".join(stratum)
                arm = strata.setdefault(stratum, (DeclaredArm(named), DeclaredArm(named)))[
                    cell.levels[key] == self.planned.level
                ]
                arm.planned += cell.runs
                arm.rows += [row for row in self.rows if row.cell == name]
        return [arms for arms in strata.values() if all(arm.planned for arm in arms)]

    @property
    def tables(self) -> list[TwoArms]:
        """Completions and results of each stratum in which both arms have some."""
        return [table_of(a, b) for a, b in self.strata if a.runs and b.runs]

    @property
    def named_tables(self) -> list[tuple[str, TwoArms]]:
        """The same, each with the levels of its stratum."""
        return [(a.stratum, table_of(a, b)) for a, b in self.strata if a.runs and b.runs]

    @property
    def arm_keys(self) -> list[ArmKeys]:
        """The cells of baseline and level in each stratum of `tables`."""
        return [(a.keys, b.keys) for a, b in self.strata if a.runs and b.runs]

    @property
    def counted(self) -> list[SweepCell]:
        """Return the cells that these are counted from."""
        return [row for a, b in self.strata if a.runs and b.runs for row in (*a.rows, *b.rows)]

    @property
    def missing(self) -> list[Left]:
        """Runs without a result that were not made again, in each stratum of `tables`."""
        return [(self._missing(a), self._missing(b)) for a, b in self.strata if a.runs and b.runs]

    @property
    def failed(self) -> tuple[Counter[str], Counter[str]]:
        """Faults and interruptions of the arms behind `tables`."""
        counted = [arms for arms in self.strata if all(arm.runs for arm in arms)]
        return self._failed(a for a, _ in counted), self._failed(b for _, b in counted)

    @property
    def differences(self) -> Differences:
        """Every field beside the factor in which the arms of a stratum differ."""
        counted = [arms for arms in self.strata if all(arm.runs for arm in arms)]
        return merged(differences(self.planned.factor, self._cells(a), self._cells(b)) for a, b in counted)

    def _cells(self, arm: DeclaredArm) -> list[PooledCell]:
        return with_results(cell for cell in self.cells if cell.keys & set(arm.keys))

    def _missing(self, arm: DeclaredArm) -> int:
        return sum(cell.missing[key] for cell in self.cells for key in arm.named)

    def _failed(self, arms: Iterable[DeclaredArm]) -> Counter[str]:
        keys = {key for arm in arms for key in arm.named}
        counts = (cell.failed[key] for cell in self.cells for key in keys & set(cell.failed))
        return sum(counts, Counter[str]())

    def objection(self) -> str | None:
        """Why this counts as declared too late, or not at all; None if it stands."""
        first, began = self.entries[0], self.began
        if self.planned not in first.contrasts:
            when = next(entry.time for entry in self.entries if self.planned in entry.contrasts)
            late = began is not None and when > began
            how = "after its first run" if late else "after another declaration, and the first one counts"
            return f"declared {self.named} only on {day(when)}, {how}"
        if began is not None and first.time > began:
            return f"declared {self.planned} on {day(first.time)}, after the first run of its cells on {day(began)}"
        if any(arm.runs > arm.planned for arms in self.strata for arm in arms):
            return f"declared {self.planned} for {first.runs} runs and made more of them"
        if len({row.simulated for row in self.rows}) > 1:
            return f"declared {self.planned} between simulated and real subjects, which are never compared"
        if self.stop == "evalue" and self.model and len(first.models) > 1:
            return f"declared {self.planned} with one e-process over several models, which are never pooled here"
        if found := self.differences:
            return f"declared {self.planned} between arms that also differ in {'; '.join(in_words(found))}"
        return None

    def contradicts(self, p: float) -> bool:
        """Return whether a value contradicts the recorded decision: then runs or decision were changed."""
        if self.decision is None or self.stop != "curtail" or len(self.entries[0].models) > 1:
            return False
        return (p <= self.planned.alpha * (1 + TIE)) != self.decision.significant

    def changes(self) -> Iterator[str]:
        """Return later changes of the declaration, and looks before the end."""
        first = self.entries[0]
        was = tests_of(first, self.planned.factor)
        for entry in self.entries[1:]:
            after = "after its first run" if self.began and entry.time > self.began else "before its first run"
            if tests_of(entry, self.planned.factor) != was or entry.rule != first.rule:
                what = f"declared {self.planned.factor} anew on {day(entry.time)}"
                yield f"sweep {self.sweep} {what}, {after}: the first declaration counts"
            if entry.runs != first.runs:
                yield f"sweep {self.sweep} planned {first.runs} runs, and {entry.runs} on {day(entry.time)}, {after}"
        planned, made = (
            sum(getattr(arm, what) for arms in self.strata for arm in arms) for what in ("planned", "runs")
        )
        if made < planned and self.decision is None:
            yield f"sweep {self.sweep}: {made} of the {planned} runs declared have a result: a look before the end"


def tests_of(entry: Declaration, factor: str) -> frozenset[DeclaredContrast]:
    return frozenset(planned for planned in entry.contrasts if planned.factor == factor)


def day(instant: datetime) -> str:
    """An instant, to the second, in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
