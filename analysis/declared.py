"""The tests that sweeps declared before they ran: each over the whole of its sweep, adjusted over its whole family."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from analysis.contrasts import Contrast, Result, result
from analysis.declaration import Declaration, Planned, declarations, listed
from analysis.pool import Pool, Swept
from analysis.render import show
from analysis.stats.arms import Arms
from analysis.stats.multiplicity import holm

ALONE = "of no sweep"


@dataclass(frozen=True)
class History:
    """What one sweep declared of one contrast for one model, time after time, and what was run of it."""

    planned: Planned
    model: str | None
    """None where the model itself is what is compared."""
    entries: list[Declaration]
    """Those that hold cells of the model, earliest first."""
    rows: list[Swept]
    """What was run of the model in the sweep."""

    @property
    def sweep(self) -> str:
        return self.entries[0].sweep

    @property
    def first_run(self) -> datetime | None:
        starts = [row.started for row in self.rows if row.started is not None]
        return datetime.fromtimestamp(min(starts) / 1e6, UTC) if starts else None

    @property
    def simulated(self) -> bool | None:
        """None where nothing was run yet, or both kinds were."""
        kinds = {row.simulated for row in self.rows}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def cells(self) -> list[tuple[tuple[str, ...], bool, int, list[Swept]]]:
        """Of the first declaration: the stratum, whether it is of B, runs planned, and what was run."""
        first, key = self.entries[0], self.planned.key
        arms = (self.planned.baseline, self.planned.level)
        return [
            (
                tuple(f"{k}={v}" for k, v in cell.levels.items() if k != key),
                cell.levels[key] == arms[1],
                cell.runs,
                rows,
            )
            for name, cell in first.cells.items()
            if cell.levels.get(key) in arms
            for rows in [[row for row in self.rows if row.cell == name]]
        ]

    @property
    def strata(self) -> list[tuple[list[Swept], list[Swept]]]:
        """What was run of A and of B in each stratum in which both arms have results."""
        found: dict[tuple[str, ...], tuple[list[Swept], list[Swept]]] = {}
        for stratum, of_b, _, rows in self.cells:
            found.setdefault(stratum, ([], []))[of_b].extend(row for row in rows if row.runs)
        return [arms for arms in found.values() if all(arms)]

    @property
    def arms(self) -> list[Arms]:
        """Completions and results of each stratum."""
        return [Arms(*_counts(a), *_counts(b)) for a, b in self.strata]

    @property
    def counted(self) -> list[Swept]:
        """What both arms are counted of."""
        return [row for arms in self.strata for rows in arms for row in rows]

    def objection(self) -> str | None:
        """Why this counts as declared too late, or not at all; None if it stands."""
        first, began = self.entries[0], self.first_run
        if self.planned not in first.contrasts:
            when = next(entry.time for entry in self.entries if self.planned in entry.contrasts)
            late = began is not None and when > began
            how = "after its first run" if late else "after another declaration, and the first one counts"
            return f"declared {self.planned} only on {day(when)}, {how}"
        if began is not None and first.time > began:
            return f"declared {self.planned} on {day(first.time)}, after its first run of {day(began)}"
        if any(sum(row.runs for row in rows) > runs for _, _, runs, rows in self.cells):
            return f"declared {self.planned} for {first.runs} runs and made more of them"
        if len({row.simulated for row in self.rows}) > 1:
            return f"declared {self.planned} between simulated and real subjects, which are never compared"
        return None

    def changes(self) -> Iterator[str]:
        """What was declared otherwise later on, and a look before the end."""
        first = self.entries[0]
        was = _of(first, self.planned.factor)
        for entry in self.entries[1:]:
            after = "after its first run" if self.first_run and entry.time > self.first_run else "before its first run"
            if _of(entry, self.planned.factor) != was:
                what = f"declared {self.planned.factor} anew on {day(entry.time)}"
                yield f"sweep {self.sweep} {what}, {after}: the first declaration counts"
            if entry.runs != first.runs:
                yield f"sweep {self.sweep} planned {first.runs} runs, and {entry.runs} on {day(entry.time)}, {after}"
        planned = sum(runs for _, _, runs, _ in self.cells)
        made = sum(row.runs for _, _, _, rows in self.cells for row in rows)
        if made < planned:
            yield f"sweep {self.sweep}: {made} of the {planned} runs declared have a result: a look before the end"


@dataclass(frozen=True)
class Test:
    """One declared test, and what it gives so far."""

    history: History
    found: Result | None
    """None while no stratum has results in both arms."""
    p: float
    """On the declared side; 1 while there is nothing to test."""

    @classmethod
    def of(cls, history: History) -> "Test":
        strata = history.arms
        if not strata:
            return cls(history, None, 1.0)
        found, side = result(strata, extras=False), history.planned.side
        if side == "less":
            return cls(history, found, result([arms.swapped() for arms in strata], extras=False).p.greater)
        return cls(history, found, found.p.two_sided if side == "two" else found.p.greater)


class Declared:
    """What was declared of the runs at hand, and what was not, and why."""

    def __init__(self, pool: Pool, paths: Sequence[Path], simulated: bool | None = None) -> None:
        """`simulated` keeps to subjects of one kind."""
        entries, self.unread = declarations(paths)
        kinds = (True, False) if simulated is None else (simulated,)
        swept = [row for row in pool.swept() if row.simulated in kinds]
        cells = [cell for cell in pool.cells("sweep") if cell.levels["simulated"] in kinds]
        self.runs = [(cell.levels["sweep"], cell.levels["model"], sum(cell.outcomes.values())) for cell in cells]
        histories = [history for name, dated in entries.items() for history in _histories(name, dated, swept)]
        self._objections = [(one, why) for one in histories if (why := one.objection())]
        self._tests = [Test.of(one) for one in histories if one.objection() is None]
        self._sweeps = entries

    def tests(self, factor: str | None = None) -> list[Test]:
        """Declared tests of the runs at hand that have something to test; of one factor, or of all."""
        return [one for one in self._tests if one.found is not None and self._at_hand(one.history, factor)]

    def family(self, test: Test) -> list[Test]:
        """All tests of its family, whether there are runs of them or not; simulated and real ones apart."""
        kinds = (None, test.history.simulated)
        label = test.history.planned.family
        return [one for one in self._tests if one.history.planned.family == label and one.history.simulated in kinds]

    def adjusted(self, test: Test) -> float:
        """Holm's value over the family; a test without runs yet counts with p 1."""
        family = self.family(test)
        return holm([one.p for one in family])[family.index(test)]

    def baseline(self, factor: str) -> str | None:
        """The level that others are compared with, if it was declared, and only one was."""
        named = {one.history.planned.baseline for one in self.tests(factor)}
        return named.pop() if len(named) == 1 else None

    def test_of(self, contrast: Contrast) -> Test | None:
        """The declared test that a contrast is: of the same levels, over the same runs."""
        levels, tables = {show(contrast.a), show(contrast.b)}, sorted(contrast.tables)
        for one in self.tests(contrast.factor):
            planned, arms = one.history.planned, one.history.arms
            swapped = planned.baseline != show(contrast.a)
            if {planned.baseline, planned.level} == levels and tables == sorted(
                arm.swapped() if swapped else arm for arm in arms
            ):
                return one
        return None

    def remarks(self, factor: str | None = None) -> list[str]:
        """Later changes, looks before the end, and declarations that differ or cannot be read."""
        histories = [one.history for one in self.tests(factor)]
        found = [change for history in histories for change in history.changes()]
        plans = {one.sweep: _of(one.entries[0], one.planned.factor) for one in histories}
        if len(set(plans.values())) > 1 and factor is not None:
            found.append(f"sweeps {listed(list(plans))} declared {factor} differently: each is tested as it declared")
        for label in {one.planned.family for one in histories}:
            levels = {one.history.planned.alpha for one in self._tests if one.history.planned.family == label}
            if len(levels) > 1:
                found.append(f"family {label} was declared at several levels: {', '.join(map(show, sorted(levels)))}")
        return [*dict.fromkeys(found), *self.unread]

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
            f"{alone} runs are of no sweep" if why == ALONE else f"sweep{'s' * (len(names) > 1)} {listed(names)} {why}"
            for why, names in reasons.items()
        ]

    def _reason(self, sweep: str, factor: str) -> str:
        if sweep not in self._sweeps:
            return "left no declaration beside the ledger"
        objections = [why for one, why in self._objections if one.sweep == sweep and one.planned.factor == factor]
        return objections[0] if objections else f"declared no contrast of {factor}"

    def _at_hand(self, history: History, factor: str | None) -> bool:
        models = {model for sweep, model, _ in self.runs if sweep == history.sweep}
        asked = factor in (None, history.planned.factor)
        return asked and bool(models) and history.model in (None, *models)


def _histories(sweep: str, dated: Sequence[Declaration], swept: Iterable[Swept]) -> Iterator[History]:
    """Every contrast ever declared of a sweep, for each of its models: simulated trials spoil nothing of real ones."""
    rows = [row for row in swept if row.sweep == sweep]
    for planned in dict.fromkeys(planned for entry in dated for planned in entry.contrasts):
        declaring = [entry for entry in dated if planned in entry.contrasts]
        named = sorted({cell.model for entry in declaring for cell in entry.cells.values()})
        models: list[str | None] = [None] if planned.factor == "model" else [*named]
        for model in models:
            entries = [part for entry in dated if (part := entry.of(model)).cells]
            own = [row for row in rows if model in (None, row.model)]
            yield History(planned, model, entries, own)


def _counts(rows: Sequence[Swept]) -> tuple[int, int]:
    return sum(row.completed for row in rows), sum(row.runs for row in rows)


def _of(entry: Declaration, factor: str) -> frozenset[Planned]:
    return frozenset(planned for planned in entry.contrasts if planned.factor == factor)


def day(instant: datetime) -> str:
    """An instant, to the second, in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
