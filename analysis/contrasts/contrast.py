"""Two levels of a factor against each other: stratum by stratum, and all strata together."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from analysis.contrasts.confounding import Differences, differences, followers, is_exclusive, merged
from analysis.errors import AnalysisError
from analysis.records.cells import Level, PooledCell
from analysis.records.columns import HASHES
from analysis.records.groups import RunGroup, apart, levels_of, varying, with_results
from analysis.render import level_text, show
from analysis.stats.arms import Interval, TwoArms
from analysis.stats.conditional import ConditionalDistribution, PValues, TooLargeError, mantel_haenszel
from analysis.stats.curtailed import Left
from analysis.stats.difference import miettinen_nurminen, risk_difference
from analysis.stats.equivalence import smallest_margin
from analysis.stats.homogeneity import Homogeneity, homogeneity
from analysis.stats.posterior import difference_interval, superiority
from analysis.stats.unconditional import boschloo, boschloo_doubled
from harness.exact_test import smallest_p

NEVER_POOLED = ("simulated", "model", "proof", "task_set")
"""A test over strata may run across tasks; it never runs across subjects, nor across sets of tasks."""


ArmKeys = tuple[tuple[str, ...], tuple[str, ...]]
"""Keys of the cells that the arms A and B of a stratum are counted of, sorted."""


@dataclass(frozen=True)
class Stratum:
    """Two arms that differ in the factor and agree in all else that separates strata."""

    levels: dict[str, Level]
    arms: TwoArms
    a: list[PooledCell]
    b: list[PooledCell]
    """Cells of each arm."""

    @property
    def cells(self) -> list[PooledCell]:
        return [*self.a, *self.b]

    @property
    def keys(self) -> ArmKeys:
        """The keys of the cells with results, of A and of B."""
        of_a, of_b = (
            tuple(sorted({key for cell in with_results(arm) for key in cell.keys})) for arm in (self.a, self.b)
        )
        return of_a, of_b

    @property
    def missing(self) -> Left:
        """Runs of A and of B without a result that were not made again."""
        of_a, of_b = (sum(cell.missing.total() for cell in arm) for arm in (self.a, self.b))
        return of_a, of_b

    def differences(self, factor: str) -> Differences:
        """Every field beside the factor in which the arms differ."""
        return differences(factor, with_results(self.a), with_results(self.b))

    @property
    def pooled_over(self) -> dict[str, list[Level]]:
        """Fields that vary within the arms."""
        return RunGroup({}, self.cells).pooled_over


@dataclass(frozen=True)
class Contrast:
    """One pair of levels, B against A, for one subject."""

    factor: str
    a: Level
    b: Level
    subject: dict[str, Level]
    strata: list[Stratum]
    alone: list[dict[str, Level]]
    """Strata in which only one of the levels was run: they say nothing."""

    @property
    def tables(self) -> list[TwoArms]:
        return [stratum.arms for stratum in self.strata]

    @property
    def arm_keys(self) -> list[ArmKeys]:
        """The keys of the cells with results, of A and of B, in each stratum."""
        return [stratum.keys for stratum in self.strata]

    @property
    def missing(self) -> list[Left]:
        """Runs without a result in each stratum."""
        return [stratum.missing for stratum in self.strata]

    @property
    def differences(self) -> Differences:
        """Every field beside the factor in which the arms of a stratum differ."""
        return merged(stratum.differences(self.factor) for stratum in self.strata)

    @property
    def cells(self) -> list[PooledCell]:
        return [cell for stratum in self.strata for cell in stratum.cells]

    @property
    def total(self) -> TwoArms:
        return TwoArms(*(sum(counts) for counts in zip(*self.tables, strict=True)))


@dataclass(frozen=True)
class TestResult:
    """Test results of some strata taken together."""

    arms: TwoArms
    p: PValues
    exact: bool
    difference: float
    difference_interval: Interval
    odds_ratio: float | None
    odds_ratio_interval: Interval | None
    boschloo: float | None
    boschloo_doubled: float | None
    """As SciPy orders tables."""
    superiority: float | None
    """Only of a single stratum, as all posteriors: rates of several are no one rate."""
    posterior_interval: Interval | None
    """Interval of the difference."""
    smallest_p: float | None
    smallest_margin: float | None
    """The smallest margin within which the rates are shown to lie."""
    homogeneity: Homogeneity | None
    """None of a single stratum, and where only one table is possible."""

    @property
    def disagreement(self) -> str | None:
        """Warning about strata without a common odds ratio; None if nothing speaks against one."""
        if self.homogeneity is None or not self.homogeneity.warns:
            return None
        p = show(self.homogeneity.p, "p")
        return f"STRATA DISAGREE (homogeneity p {p}): all strata taken together describe none of them"


def contrasts(
    cells: Sequence[PooledCell],
    factor: str,
    *,
    levels: tuple[Level, Level] | None = None,
    within: Sequence[str] | None = None,
    baseline: Collection[str] = (),
) -> list[Contrast]:
    """Every pair of levels of a factor, for each subject; strata are all other factors that vary, or `within`.

    `baseline` holds the cells of the level that is always A; otherwise the lower level is.

    Raises AnalysisError where there is nothing to compare.
    """
    # What was not recorded is no level, and what never came to a result says nothing.
    present = [level for level in levels_of(with_results(cells), factor) if level is not None]
    if levels is not None and (missing := [level for level in levels if level not in present]):
        raise AnalysisError(
            f"{factor} was never {level_text(missing[0])} in these results, "
            f"only {', '.join(map(level_text, present)) or 'unknown'}"
        )
    if len(present) < 2:
        one = f"it is always {level_text(present[0])}" if present else "no result has one"
        failed = [level for level in levels_of(cells, factor) if level is not None and level not in present]
        one += f" in results; without any result: {', '.join(map(level_text, failed))}" if failed and present else ""
        raise AnalysisError(f"{factor} has no two levels to compare: {one}")
    compared_with = {cell.levels[factor] for cell in cells if cell.keys & set(baseline)}
    present.sort(key=lambda level: level not in compared_with)
    pairs = [levels] if levels is not None else list(combinations(present, 2))
    split = [name for name in varying(cells) if name != factor]
    if within is not None:
        split = [name for name in split if name in within or name in (*NEVER_POOLED, "task", *HASHES)]
    split = [name for name in split if name not in followers(factor)]
    compared = [contrast for a, b in pairs for contrast in _pair(cells, factor, a, b, split)]
    if not any(contrast.strata for contrast in compared):
        alike = f" and agree in {', '.join(split)}" if split else ""
        raise AnalysisError(f"no two results differ in {factor}{alike}: nothing can be compared")
    return [contrast for contrast in compared if contrast.strata]


def result(strata: Sequence[TwoArms], *, extras: bool = True) -> TestResult:
    """Test some strata together; one stratum is Fisher's exact test. `extras` are the tests beside the house test."""
    try:
        conditional: ConditionalDistribution | None = ConditionalDistribution.of(strata)
    except TooLargeError:
        conditional = None
    single = strata[0] if len(strata) == 1 else None
    return TestResult(
        arms=TwoArms(*(sum(counts) for counts in zip(*strata, strict=True))),
        p=conditional.p_values() if conditional else mantel_haenszel(strata),
        exact=conditional is not None,
        difference=risk_difference(strata),
        difference_interval=miettinen_nurminen(strata),
        odds_ratio=conditional.odds_ratio() if conditional and extras else None,
        odds_ratio_interval=conditional.odds_ratio_interval() if conditional and extras else None,
        boschloo=boschloo(single) if single and extras else None,
        boschloo_doubled=boschloo_doubled(single) if single and extras else None,
        superiority=superiority(single) if single and extras else None,
        posterior_interval=difference_interval(single) if single and extras else None,
        smallest_p=smallest_p([(single.n_a, single.n_b)]) if single and conditional and extras else None,
        smallest_margin=smallest_margin(strata) if extras else None,
        homogeneity=homogeneity(strata) if len(strata) > 1 else None,
    )


def _pair(cells: Sequence[PooledCell], factor: str, a: Level, b: Level, split: Sequence[str]) -> Iterator[Contrast]:
    """One contrast for each subject."""
    chosen = [cell for cell in cells if cell.levels[factor] in (a, b)]
    subjects = [name for name in NEVER_POOLED if name in split]
    for subject in apart(chosen, subjects):
        strata, alone = [], []
        separating = [name for name in split if not is_exclusive(name, *_arms(subject, factor, a, b))]
        for part in apart(subject.cells, separating):
            arm_a = _arm(part, factor, a)
            arm_b = _arm(part, factor, b)
            if arm_a.runs and arm_b.runs:
                arms = TwoArms(arm_a.completed, arm_a.runs, arm_b.completed, arm_b.runs)
                strata.append(Stratum(part.levels, arms, arm_a.cells, arm_b.cells))
            else:
                alone.append(part.levels)
        yield Contrast(factor, a, b, subject.levels, strata, alone)


def _arm(part: RunGroup, factor: str, level: Level) -> RunGroup:
    return RunGroup({factor: level}, [cell for cell in part.cells if cell.levels[factor] == level])


def _arms(subject: RunGroup, factor: str, a: Level, b: Level) -> tuple[list[PooledCell], list[PooledCell]]:
    """Return the cells of each arm in which something came to a result."""
    return with_results(_arm(subject, factor, a).cells), with_results(_arm(subject, factor, b).cells)
