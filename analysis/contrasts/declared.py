"""The tests that sweeps declared before they ran: each over the whole of its sweep, adjusted over its whole family."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from analysis.contrasts.contrast import Contrast, TestResult, result
from analysis.contrasts.declaration import Decisions, Declaration, in_line, kept
from analysis.contrasts.declared_arm import table_of
from analysis.contrasts.history import ContrastHistory, tests_of
from analysis.records.cells import SweepCell
from analysis.records.pool import RunPool
from analysis.render import show
from analysis.stats.curtailed import largest_p, sided
from analysis.stats.multiplicity import holm

ALONE = "of no sweep"


@dataclass(frozen=True)
class DeclaredTest:
    """One declared test, and what it gives so far."""

    history: ContrastHistory
    result: TestResult | None
    """None while no stratum has results in both arms."""
    p: float
    """The p of the declared test under its stopping rule; 1 while there is nothing to test."""

    @classmethod
    def of(cls, history: ContrastHistory) -> "DeclaredTest":
        strata = history.tables
        if not strata:
            return cls(history, None, 1.0)
        return cls(history, result(strata, extras=False), _value(history))


class DeclaredTests:
    """Declared tests of the given runs, with the reasons why others are exploratory."""

    def __init__(self, pool: RunPool, paths: Sequence[Path], simulated: bool | None = None) -> None:
        """`simulated` keeps to subjects of one kind."""
        left = kept(paths)
        entries, self.unread = left.declared, left.unread
        kinds = (True, False) if simulated is None else (simulated,)
        keys = {key for dated in entries.values() for entry in dated for key in entry.cells}
        swept = [row for row in pool.swept(entries, keys) if row.simulated in kinds]
        self.runs = [(sweep, model, runs) for sweep, simulated, model, runs in pool.sweeps() if simulated in kinds]
        histories = [
            replace(history, cells=cells)
            for name, dated in entries.items()
            for cells in [pool.cells_of(name)]
            for history in _histories(name, dated, swept, left.decided)
        ]
        self._objections = [(one, why) for one in histories if (why := one.objection())]
        self._tests = [DeclaredTest.of(one) for one in histories if one.objection() is None]
        self._sweeps = entries

    def tests(self, factor: str | None = None) -> list[DeclaredTest]:
        """Declared tests of the runs at hand that have something to test; of one factor, or of all."""
        return [one for one in self._tests if one.result is not None and self._at_hand(one.history, factor)]

    def family(self, test: DeclaredTest) -> list[DeclaredTest]:
        """All tests of its family, whether there are runs of them or not; simulated and real ones apart."""
        kinds = (None, test.history.simulated)
        label = test.history.planned.family
        return [one for one in self._tests if one.history.planned.family == label and one.history.simulated in kinds]

    def adjusted(self, test: DeclaredTest) -> float:
        """Holm's value over the family; a test without runs yet counts with p 1."""
        family = self.family(test)
        return holm([one.p for one in family])[family.index(test)]

    def baseline(self, factor: str) -> frozenset[str]:
        """Cells of the level that others are compared with; empty unless just one baseline was declared."""
        tests = self.tests(factor)
        if len({one.history.planned.baseline for one in tests}) != 1:
            return frozenset()
        return frozenset(str(row.cell) for one in tests for a, _ in one.history.strata for row in a.rows)

    def test_of(self, contrast: Contrast) -> DeclaredTest | None:
        """Return the declared test that a contrast repeats: the same cells in the same arms, with the same counts."""
        ours = sorted(zip(contrast.arm_keys, contrast.tables, strict=True))
        swapped = sorted(((b, a), table.swapped()) for (a, b), table in ours)
        for one in self.tests(contrast.factor):
            if sorted(zip(one.history.arm_keys, one.history.tables, strict=True)) in (ours, swapped):
                return one
        return None

    def remarks(self, factor: str | None = None) -> list[str]:
        """Later changes, looks before the end, and declarations that differ or cannot be read."""
        histories = [one.history for one in self.tests(factor)]
        remarks = [change for history in histories for change in history.changes()]
        plans = {one.sweep: tests_of(one.entries[0], one.planned.factor) for one in histories}
        if len(set(plans.values())) > 1 and factor is not None:
            remarks.append(
                f"sweeps {in_line(list(plans))} declared {factor} differently: each is tested as it declared"
            )
        for label in {one.planned.family for one in histories}:
            levels = {one.history.planned.alpha for one in self._tests if one.history.planned.family == label}
            if len(levels) > 1:
                remarks.append(f"family {label} was declared at several levels: {', '.join(map(show, sorted(levels)))}")
        return [*dict.fromkeys(remarks), *self.unread]

    def why_not(self, factor: str) -> list[str]:
        """Why runs at hand are in no declared test of a factor, one reason a line."""
        covered = {(one.history.sweep, one.history.model) for one in self.tests(factor)}
        open_ = [(s, m, n) for s, m, n in self.runs if (s, m) not in covered and (s, None) not in covered]
        reasons: dict[str, list[str]] = {}
        for sweep in dict.fromkeys(sweep for sweep, _, _ in open_):
            why = ALONE if sweep is None else self._reason(str(sweep), factor)
            reasons.setdefault(why, []).append(str(sweep))
        alone = sum(runs for sweep, _, runs in open_ if sweep is None)
        return [
            f"{alone} {'run is' if alone == 1 else 'runs are'} of no sweep"
            if why == ALONE
            else f"sweep{'s' * (len(names) > 1)} {in_line(names)} {why}"
            for why, names in reasons.items()
        ]

    def objections(self, factor: str) -> list[tuple[str, str]]:
        """Sweeps at hand that declared a contrast of a factor in vain, and why."""
        objections = [(one.sweep, why) for one, why in self._objections if self._at_hand(one, factor)]
        return list(dict.fromkeys(objections))

    def _reason(self, sweep: str, factor: str) -> str:
        if sweep not in self._sweeps:
            return "left no declaration beside the ledger"
        why = [why for objected, why in self.objections(factor) if objected == sweep]
        return why[0] if why else f"declared no contrast of {factor}"

    def _at_hand(self, history: ContrastHistory, factor: str | None) -> bool:
        models = {model for sweep, model, _ in self.runs if sweep == history.sweep}
        concerned = factor in (None, history.planned.factor)
        return concerned and bool(models) and history.model in (None, *models)


def _histories(
    sweep: str, dated: Sequence[Declaration], swept: Sequence[SweepCell], decided: Decisions
) -> Iterator[ContrastHistory]:
    """Every contrast ever declared of a sweep, for each of its models: simulated trials spoil nothing of real ones."""
    rows = [row for row in swept if row.sweep == sweep]
    for planned in dict.fromkeys(planned for entry in dated for planned in entry.contrasts):
        declaring = [entry for entry in dated if planned in entry.contrasts]
        named = sorted({cell.model for entry in declaring for cell in entry.cells.values()})
        models: list[str | None] = [None] if planned.factor == "model" else [*named]
        for model in models:
            entries = [part for entry in dated if (part := entry.of(model)).cells]
            own = [row for row in rows if model in (None, row.model)]
            starts = [row.started for row in swept if row.started is not None and row.cell in entries[0].cells]
            began = datetime.fromtimestamp(min(starts) / 1e6, UTC) if starts else None
            decision = decided.get((sweep, planned.key, planned.baseline, planned.level))
            yield ContrastHistory(planned, model, entries, own, began, decision)


def _value(history: ContrastHistory) -> float:
    """The value of a declared test. An e-value is worth 1/e; runs that were left out count against the test."""
    planned, decision = history.planned, history.decision
    if history.stop == "evalue":
        return min(1.0, 1 / decision.e) if decision and decision.e else 1.0
    if history.stop == "curtail":
        strata = history.strata
        known = largest_p([table_of(*arms) for arms in strata], [(a.left, b.left) for a, b in strata], planned.side)
        return known if known is not None else planned.alpha if decision and decision.significant else 1.0
    return sided(history.tables, planned.side)
