"""Published figures as a text asks for them: `{arm[p05-B].rate}`, `{test[t05-elide-apikit-pooled].two}`."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from analysis.render import Table, markdown_table, show
from analysis.report.load import BYTES_PER_TOKEN
from analysis.stats.arms import CONFIDENCE
from analysis.stats.multiplicity import holm
from analysis.stats.proportion import wilson
from analysis.study.published.flag import Flag
from analysis.study.published.judged import baseline_of, baseline_spreads, not_printed
from analysis.study.published.judged_flags import gaps
from analysis.study.published.ledger import PublishedArm, PublishedResults, Row, number
from analysis.study.published.printed import checks
from analysis.study.published.recompute import ALPHA, RecomputedTest, recompute
from analysis.study.published.report import (
    arms_table,
    coverage_table,
    flags_table,
    judgments_table,
    rules_table,
    tests_table,
    trial_table,
)
from analysis.study.published.rules import findings
from analysis.study.published.trial import told, trial
from analysis.study.published.verdicts import PublishedVerdicts, visible


@dataclass(frozen=True)
class ArmText:
    """One arm, in words."""

    arm: PublishedArm

    @property
    def n(self) -> str:
        return show(self.arm.n)

    @property
    def rate(self) -> str:
        return f"{self.arm.completed}/{self.arm.n}"

    @property
    def interval(self) -> str:
        return show(wilson(self.arm.completed or 0, self.arm.n or 0), "rate")

    @property
    def rate_interval(self) -> str:
        return f"{self.rate}, {self.interval}"

    @property
    def ctx(self) -> str:
        return f"{int(self.arm.row['ctx_limit']):,}"

    @property
    def packages(self) -> str:
        return self.arm.row["packages_total"]

    @property
    def passes(self) -> str:
        return self.arm.row["passes_max"]

    @property
    def load_act(self) -> str:
        return show(number(self.arm.row["load_act_ratio"]), "ratio")

    @property
    def load_act_range(self) -> str:
        """A printed range, without the remark behind it."""
        return self.arm.row["load_act_ratio"].split(" ")[0].replace("-", " to ")

    @property
    def bytes(self) -> str:
        return f"{self._bytes:,.0f}"

    @property
    def share(self) -> str:
        return f"{self._bytes / BYTES_PER_TOKEN / int(self.arm.row['ctx_limit']):.0%}"

    @property
    def _bytes(self) -> float:
        return number(self.arm.row["read_bytes_per_pass"]) or 0.0


@dataclass(frozen=True)
class TestText:
    """One comparison, in words."""

    result: RecomputedTest

    @property
    def outcome(self) -> str:
        return self.result.test.row["outcome"]

    @property
    def tried(self) -> str:
        return f"{self.result.arms.k_b}/{self.result.arms.n_b}"

    @property
    def against(self) -> str:
        return f"{self.result.arms.k_a}/{self.result.arms.n_a}"

    @property
    def two(self) -> str:
        return show(self.result.two_sided, "p")

    @property
    def printed(self) -> str:
        return self.result.test.row["p_printed"]

    @property
    def interval(self) -> str:
        return show(self.result.interval, "rate")

    @property
    def differs(self) -> str:
        """Return the judgment that the two-sided value supports at the stated level."""
        return "differed from" if self.result.two_sided <= ALPHA else "did not differ measurably from"

    @property
    def side(self) -> str:
        """Return the side on which the printed value is right."""
        return self.result.side

    @property
    def visible(self) -> str:
        return visible(self.result)


@dataclass(frozen=True)
class StudyFigures:
    """Figures of the study as a whole."""

    alpha: str
    confidence: str
    bytes_per_token: str
    printed: str
    small_two_sided: str
    small_holm: str
    left: str
    bar_low: str
    bar_high: str
    gaps: str
    noise: str
    rescored: str
    """Gaps to a bar that was printed with several scores: only these can be compared with its variation."""
    unscored: str
    """The other gaps."""
    checked: str
    differing: str
    unprinted: str


@dataclass(frozen=True)
class StudyTables:
    """Whole tables, as Markdown."""

    tests: str
    arms: str
    runs: str
    """Printed runs by arm, where the rows of arms lead."""
    coverage: str
    flags: str
    rules: str
    trial: str
    """Planted slips of each kind, and how many of them the rules found."""
    judgments: str


@dataclass(frozen=True)
class PublishedFigures:
    """All that a text may ask for."""

    arm: dict[str, ArmText]
    test: dict[str, TestText]
    number: StudyFigures
    table: StudyTables
    judged: PublishedVerdicts
    trial: str
    """Result of the trial of the rules, in sentences."""


def figures() -> PublishedFigures:
    """Everything, computed from the published tables."""
    published = PublishedResults()
    results = recompute(published)
    found, tried = findings(published, results), trial()
    return PublishedFigures(
        arm={arm.id: ArmText(arm) for arm in published.arms.values()},
        test={result.test.id: TestText(result) for result in results},
        number=_numbers(published, results, found.flags),
        table=StudyTables(
            tests=markdown_table(_to_arms(tests_table(results), set(published.arms))),
            arms=markdown_table(_to_runs(arms_table(published), set(published.runs_of))),
            runs="\n".join(_printed_runs(published)),
            coverage=markdown_table(coverage_table(published)),
            flags=markdown_table(flags_table(found.flags)),
            rules=markdown_table(rules_table(found)),
            trial=markdown_table(trial_table(tried)),
            judgments=markdown_table(judgments_table(published)),
        ),
        judged=PublishedVerdicts(published, results),
        trial=told(tried),
    )


def _to_arms(tests: Table, arms: Set[str]) -> Table:
    """Counts lead to the arm that they are of, where there is one."""
    for row in tests.rows:
        for name, arm in (("tried", row["arm_tried"]), ("against", row["arm_against"])):
            row[name] = f"[{row[name]}](#arm-{arm})" if arm in arms else row[name]
    return tests


def _to_runs(arms: Table, printed: Set[str]) -> Table:
    """Arms lead to their runs, where these were printed one by one."""
    for row in arms.rows:
        name = row["id"]
        row["id"] = f'<a id="arm-{name}"></a>' + (f"[{name}](#runs-{name})" if name in printed else name)
    return arms


def _printed_runs(published: PublishedResults) -> Iterator[str]:
    for arm, rows in published.runs_of.items():
        ids = ", ".join(f"`{row['run_id']}`" for row in rows)
        yield f'- <a id="runs-{arm}"></a>{arm}: {ids}'


def _numbers(published: PublishedResults, results: Sequence[RecomputedTest], all_flags: Sequence[Flag]) -> StudyFigures:
    checked = checks(published)
    printed = [one for one in results if one.test.p_printed is not None]
    adjusted = holm([one.two_sided for one in printed])
    left = [one.test.id for one, p in zip(printed, adjusted, strict=True) if p <= ALPHA]
    all_gaps, rescored = gaps(published), sum(_rescored(published, row) for row in gaps(published))
    low, high = max(baseline_spreads(published).values(), key=lambda bounds: bounds[1] - bounds[0])
    return StudyFigures(
        alpha=show(ALPHA),
        confidence=f"{CONFIDENCE:.0%}",
        bytes_per_token=show(BYTES_PER_TOKEN),
        printed=show(len(printed)),
        small_two_sided=show(sum(one.two_sided <= ALPHA for one in printed)),
        small_holm=show(len(left)),
        left=", ".join(f"`{name}`" for name in left) or "none",
        bar_low=show(low),
        bar_high=show(high),
        gaps=show(len(all_gaps)),
        rescored=show(rescored),
        unscored=show(len(all_gaps) - rescored),
        noise=show(sum(flag.kind == "noise" for flag in all_flags)),
        checked=show(len(checked)),
        differing=show(sum(not check.agrees for check in checked)),
        unprinted=", ".join(not_printed(published)),
    )


def _rescored(published: PublishedResults, row: Row) -> bool:
    low, high = baseline_spreads(published).get(baseline_of(row), (0.0, 0.0))
    return low < high
