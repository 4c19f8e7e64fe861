"""Sentences of the page that judge, each worded from its condition and with the number that decides."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.render import show
from analysis.stats.design import Design
from analysis.study.published.citation import COMPARED
from analysis.study.published.ledger import PublishedArm, PublishedResults, number
from analysis.study.published.recompute import ALPHA, RecomputedTest

LARGE = 16_000
"""Tokens of a pass from which on a budget is called large."""
BETTER_OF = "t02-nudge-11k"
"""Comparison of the better of two arms that were tried."""
ARMS_TRIED = 2


@dataclass(frozen=True)
class PublishedVerdicts:
    """Sentences that the published figures support."""

    published: PublishedResults
    results: Sequence[RecomputedTest]

    def __getitem__(self, test_id: str) -> RecomputedTest:
        return next(one for one in self.results if one.test.id == test_id)

    @property
    def large_budgets(self) -> str:
        """Completions of all arms with a large budget that no other arm holds."""
        arms = [one for one in self._counted() if int(one.row["ctx_limit"] or 0) >= LARGE]
        completed, runs = sum(arm.completed or 0 for arm in arms), sum(arm.n or 0 for arm in arms)
        share = f"all {runs}" if completed == runs else f"{completed} of the {runs}"
        return f"With {LARGE:,} tokens a pass or more, {share} printed runs completed."

    @property
    def costliest_step(self) -> str:
        """Number of comparisons that test the study's account of the floor: their arms differ in their task alone."""
        alone = [one.test.id for one in self.results if self._differing(one) == ["task"]]
        tested = f"{len(alone)} of the {len(self.results)} comparisons" if alone else "No comparison"
        verdict = "which tests this" if alone else "so this is its reading of the counts, and untested"
        return f"{tested} varies the task and nothing else, {verdict}."

    @property
    def better_of_two(self) -> str:
        """The better of several arms, with its p corrected for the choice."""
        p = self[BETTER_OF].two_sided
        corrected = min(1.0, ARMS_TRIED * p)
        return (
            f"the better of {ARMS_TRIED} arms, chosen after both were seen, so that its p is multiplied by "
            f"{ARMS_TRIED} (at most 1): {show(corrected, 'p')}"
        )

    @property
    def digest_listings(self) -> str:
        """Listings a pass without and with the digest, as the notes on the arms print them."""
        result = self["t04-digest"]
        without, tried = (self._listings(result.test.row[name]) for name in ("arm_b", "arm_a"))
        verdict = "fewer listings" if tried < without else "no fewer listings"
        return f"with {verdict}: {tried:g} a pass, {without:g} without it"

    @property
    def later_batch(self) -> str:
        return self._comparison("t18-session", "`apikit`, a later batch under the same settings", "the first")

    @property
    def datakit_reads(self) -> str:
        """Bytes read a pass, with elision and without, where they were printed."""
        result = self["t13-datakit-8k"]
        tried, against = (
            number(self.published.arms[result.test.row[name]].row["read_bytes_per_pass"]) or 0.0
            for name in ("arm_a", "arm_b")
        )
        verdict = "Fewer bytes were read" if tried < against else "No fewer bytes were read"
        return f"{verdict} there too: {tried:,.0f} a pass with elision, {against:,.0f} without; no test was printed."

    @property
    def budget_curve(self) -> str:
        """Verdict of the two baselines on a rate that rises with the budget."""
        result = self["t15-datakit-budget"]
        verdict = "excludes" if result.two_sided <= ALPHA else "does not exclude"
        return f"p = {show(result.two_sided, 'p')}, which {verdict} a rising curve"

    @property
    def levers_heading(self) -> str:
        tests = ("t01-memory", BETTER_OF, "t03-nudge-13k", "t04-digest", "t16-L2-11k", "t17-L2-9k")
        return self._heading("Levers", tests)

    @property
    def bounds_heading(self) -> str:
        tests = ("t13-datakit-8k", "t14-datakit-6k", "t19-gemma-graphkit-9k", "t20-gemma-apikit-11k")
        return self._heading("Tasks and models", tests)

    @property
    def second_model(self) -> str:
        """Effects of elision on the second model, with the rate that such arms could have shown."""
        tests = [self["t19-gemma-graphkit-9k"], self["t20-gemma-apikit-11k"]]
        small = [one for one in tests if one.two_sided <= ALPHA]
        verdict = f"differed measurably in {len(small)} of {len(tests)} tests" if small else "did not differ measurably"
        parts = [f"{sides(one)} (p = {show(one.two_sided, 'p')}; {visible(one)})" for one in tests]
        return f"completion with elision {verdict}: {', and '.join(parts)}"

    @property
    def notes(self) -> str:
        """Say what sees of the notes' arms."""
        return visible(self["t01-memory"])

    def _heading(self, subject: str, tests: Sequence[str]) -> str:
        small = [name for name in tests if self[name].two_sided <= ALPHA]
        return f"{subject} with an effect in {len(small)} tests" if small else f"{subject} without a measured effect"

    def _comparison(self, test_id: str, tried: str, against: str) -> str:
        result = self[test_id]
        verdict = "differs" if result.two_sided <= ALPHA else "does not differ measurably"
        (a, b), p = sides(result).split(" against "), show(result.two_sided, "p")
        return f"{tried} completed {a}, {against} {b}, which {verdict} (p = {p})"

    def _counted(self) -> list[PublishedArm]:
        arms = self.published.arms.values()
        return [one for one in arms if one.n and one.completed is not None and not self.published.parts(one)]

    def _differing(self, result: RecomputedTest) -> list[str]:
        pair = [self.published.arms.get(result.test.row[name]) for name in ("arm_a", "arm_b")]
        rows = [arm.row for arm in pair if arm]
        return [name for name in COMPARED if len(rows) == len(pair) and rows[0][name] != rows[1][name]]

    def _listings(self, arm: str) -> float:
        match = re.search(r"list_dir ([\d.]+)", self.published.arms[arm].row["note"])
        return float(match[1].rstrip(".")) if match else float("nan")


def sides(result: RecomputedTest) -> str:
    """The counts of a comparison: what was tried against what it was held against."""
    return f"{result.arms.k_b}/{result.arms.n_b} against {result.arms.k_a}/{result.arms.n_a}"


def visible(result: RecomputedTest) -> str:
    """The least rate that arms of this size would have shown with a power of 80%."""
    base = result.arms.k_a / result.arms.n_a
    least = Design(result.arms.n_a, result.arms.n_b, ALPHA).detectable(base)
    if result.smallest_p > ALPHA:
        return f"arms of this size cannot reach {ALPHA:g}, their smallest p being {result.smallest_p:.2g}"
    seen = f"only a rate of {least:.2f} or more" if least is not None else "not even a rate of 1"
    return f"against {base:.2f}, arms of this size show {seen} with a power of 80%"
