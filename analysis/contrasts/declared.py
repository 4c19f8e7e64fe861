"""The tests that sweeps declared before they ran: each over the whole of its sweep, adjusted over its whole family."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analysis.contrasts.contrast import ArmKeys, Contrast, TestResult, result
from analysis.contrasts.declaration import Decisions, Declaration, DeclaredContrast, StoppingDecision, in_line, kept
from analysis.contrasts.declared_arm import DeclaredArm, table_of
from analysis.records.cells import SweepCell
from analysis.records.pool import RunPool
from analysis.render import show
from analysis.stats.arms import TwoArms
from analysis.stats.curtailed import largest_p, sided
from analysis.stats.multiplicity import holm
from harness.exact_test import TIE

ALONE = "of no sweep"


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

    @property
    def sweep(self) -> str:
        return self.entries[0].sweep

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

    def objection(self) -> str | None:
        """Why this counts as declared too late, or not at all; None if it stands."""
        first, began = self.entries[0], self.began
        if self.planned not in first.contrasts:
            when = next(entry.time for entry in self.entries if self.planned in entry.contrasts)
            late = began is not None and when > began
            how = "after its first run" if late else "after another declaration, and the first one counts"
            return f"declared {self.planned} only on {day(when)}, {how}"
        if began is not None and first.time > began:
            return f"declared {self.planned} on {day(first.time)}, after the first run of its cells on {day(began)}"
        if any(arm.runs > arm.planned for arms in self.strata for arm in arms):
            return f"declared {self.planned} for {first.runs} runs and made more of them"
        if len({row.simulated for row in self.rows}) > 1:
            return f"declared {self.planned} between simulated and real subjects, which are never compared"
        if self.stop == "evalue" and self.model and len(first.models) > 1:
            return f"declared {self.planned} with one e-process over several models, which are never pooled here"
        return None

    def contradicts(self, p: float) -> bool:
        """Return whether a value contradicts the recorded decision: then runs or decision were changed."""
        if self.decision is None or self.stop != "curtail" or len(self.entries[0].models) > 1:
            return False
        return (p <= self.planned.alpha * (1 + TIE)) != self.decision.significant

    def changes(self) -> Iterator[str]:
        """Return later changes of the declaration, and looks before the end."""
        first = self.entries[0]
        was = _of(first, self.planned.factor)
        for entry in self.entries[1:]:
            after = "after its first run" if self.began and entry.time > self.began else "before its first run"
            if _of(entry, self.planned.factor) != was or entry.rule != first.rule:
                what = f"declared {self.planned.factor} anew on {day(entry.time)}"
                yield f"sweep {self.sweep} {what}, {after}: the first declaration counts"
            if entry.runs != first.runs:
                yield f"sweep {self.sweep} planned {first.runs} runs, and {entry.runs} on {day(entry.time)}, {after}"
        planned, made = (
            sum(getattr(arm, what) for arms in self.strata for arm in arms) for what in ("planned", "runs")
        )
        if made < planned and self.decision is None:
            yield f"sweep {self.sweep}: {made} of the {planned} runs declared have a result: a look before the end"


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
            history for name, dated in entries.items() for history in _histories(name, dated, swept, left.decided)
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
        plans = {one.sweep: _of(one.entries[0], one.planned.factor) for one in histories}
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


def _of(entry: Declaration, factor: str) -> frozenset[DeclaredContrast]:
    return frozenset(planned for planned in entry.contrasts if planned.factor == factor)


def day(instant: datetime) -> str:
    """An instant, to the second, in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
