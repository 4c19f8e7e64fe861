"""Faults of published figures, found by general rules."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from analysis.stats.design import Design
from analysis.stats.multiplicity import holm
from analysis.study.published.citation import COMPARED, EFFECT, causal_word
from analysis.study.published.derived import derived_flags
from analysis.study.published.flag import Flag
from analysis.study.published.ledger import PublishedResults, agrees
from analysis.study.published.printed import FigureCheck
from analysis.study.published.prose import plain, sentences
from analysis.study.published.recompute import ALPHA, RecomputedTest

NULL_CLAIM = re.compile(r"\bnull\b|no effect|not significant|n\.s\.|no lift")


def sidedness(results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """One-sided values that are not called so, or that are small enough only on one side; families that mix sides."""
    for result in (one for one in results if one.side == "one-sided"):
        if "one" not in result.test.row["sided_claimed"]:
            text = f"printed {result.test.p_printed:g} is one-sided and not called so; two-sided {result.two_sided:.3g}"
            yield Flag("sidedness", result.test.id, text)
        if result.one_sided <= ALPHA < result.two_sided:
            text = f"below {ALPHA:g} on one side only: {result.one_sided:.3g}, two-sided {result.two_sided:.3g}"
            yield Flag("sidedness", result.test.id, text)
    sides = {side: [one.test.id for one in results if one.side == side] for side in ("one-sided", "two-sided")}
    if all(sides.values()):
        text = f"one study, two conventions: {len(sides['one-sided'])} one-sided, {len(sides['two-sided'])} two-sided"
        yield Flag("sidedness", f"{', '.join(sides['two-sided'])} against the rest", text)


def unexplained(results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """Printed values that their own counts do not give; if another comparison's do, that one is named."""
    for result in (one for one in results if one.side == "neither"):
        printed, text = result.test.p_printed or 0.0, result.test.row["p_printed"]
        likes = [o.test.id for o in results if agrees(printed, o.one_sided, text) and o.arms[2:] == result.arms[2:]]
        whose = f"; it is the value of {', '.join(likes)}" if likes else ""
        gives = f"the counts give {result.two_sided:.3g}, one-sided {result.one_sided:.3g}"
        yield Flag("arithmetic", result.test.id, f"printed {printed:g}, {gives}{whose}")


def arithmetic(figure_checks: Sequence[FigureCheck]) -> Iterator[Flag]:
    """Figures that do not follow from those printed beside them."""
    for check in (one for one in figure_checks if not one.agrees):
        text = f"printed {check.printed} {check.figure}, but {check.source} give {check.value}"
        yield Flag("arithmetic", check.about, text)


def overlaps(published: PublishedResults, results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """Runs that several comparisons rest on: such comparisons are not independent evidence."""
    used: dict[str, list[str]] = {}
    for result in results:
        for name in ("arm_a", "arm_b"):
            for leaf in published.leaves(result.test.row[name]):
                used.setdefault(leaf, []).append(result.test.id)
    for arm, tests in used.items():
        if len(tests) > 1 and arm in published.arms:
            yield Flag("overlap", arm, f"the same runs are in {len(tests)} comparisons: {', '.join(tests)}")


def mixtures(published: PublishedResults, results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """Pooled arms in a comparison whose parts were not run alike."""
    tested = {result.test.row[name] for result in results for name in ("arm_a", "arm_b")}
    for arm in published.arms.values():
        leaves = [published.arms[leaf] for leaf in published.leaves(arm.id)]
        mixed = [name for name in COMPARED if len({leaf.row[name] for leaf in leaves if leaf.row[name]}) > 1]
        if mixed and (arm.id in tested or arm.row["status"] == "current"):
            yield Flag("overlap", arm.id, f"pools {len(leaves)} arms that differ in {', '.join(mixed)}")


def remarks(published: PublishedResults) -> Iterator[Flag]:
    """Percentages, ratios, differences and values of p in notes and claims that their own figures do not give."""
    texts = [(arm.id, arm.row["note"]) for arm in published.arms.values()]
    texts += [(test.id, test.row["claim"]) for test in published.tests]
    for about, text in texts:
        for sentence in map(plain, sentences(text)):
            yield from derived_flags(sentence, about)


def comparability(published: PublishedResults, results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """Comparisons whose arms differ in nothing, in more than one thing, or were not run together."""
    for result in results:
        pair = [published.arms.get(result.test.row[name]) for name in ("arm_a", "arm_b")]
        if None in pair:
            continue
        a, b = (arm.row for arm in pair if arm)
        differing = _differing(a, b)
        if len(differing) != 1:
            text = (
                f"the arms differ in {', '.join(differing)}"
                if differing
                else "the arms differ in no factor, only in time"
            )
            yield Flag("confounding", result.test.id, text)
        if a["date"] != b["date"]:
            yield Flag("confounding", result.test.id, f"not run together: {a['date']} against {b['date']}")


def multiplicity(results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """Number of printed values of p, and those left after correction for it."""
    printed = [one for one in results if one.test.p_printed is not None]
    adjusted = holm([one.two_sided for one in printed])
    left = [one.test.id for one, p in zip(printed, adjusted, strict=True) if p <= ALPHA]
    small = {
        "as printed": [one for one in printed if (one.test.p_printed or 0.0) <= ALPHA],
        "two-sided": [one for one in printed if one.two_sided <= ALPHA],
    }
    counts = ", ".join(f"{len(tests)} {how}" for how, tests in small.items())
    rest = f"{len(left)} after Holm ({', '.join(left)})" if left else "none after Holm"
    text = f"{len(printed)} values printed, none adjusted; at or below {ALPHA:g}: {counts}, {rest}"
    yield Flag("multiplicity", "all printed values", text)


def looks(published: PublishedResults, results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """Comparisons that an earlier look at part of the same runs went before."""
    for early, late in combinations(sorted(results, key=lambda one: one.arms.total), 2):
        first, last = (published.arms.get(one.test.row["arm_a"]) for one in (early, late))
        if first and last and first.id != last.id and last.id in first.row["overlaps"] and early.test.p_printed:
            text = f"a second look: tested at {early.arms.n_b} runs before ({early.test.id}), then continued"
            yield Flag("multiplicity", late.test.id, text)


def powerless(results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """Claims of no effect from arms that could hardly have shown one."""
    for result in (one for one in results if NULL_CLAIM.search(one.test.row["claim"])):
        a, b = result.arms.n_a, result.arms.n_b
        claim = f"“{result.test.row['claim']}”"
        if result.smallest_p > ALPHA:
            text = f"{claim}: {b} against {a} runs cannot reach {ALPHA:g} (least {result.smallest_p:.2g})"
            yield Flag("power", result.test.id, text)
        else:
            rate = result.arms.k_a / a
            rate_detectable = Design(a, b, ALPHA).detectable(rate)
            seen = f"a rate of {rate_detectable:.2f} or more" if rate_detectable is not None else "not even a rate of 1"
            yield Flag("power", result.test.id, f"{claim}: against {rate:.2f}, 80% power sees {seen}")


def unsupported(results: Sequence[RecomputedTest]) -> Iterator[Flag]:
    """Claims of an effect from comparisons that leave the difference open."""
    for result in results:
        word = causal_word(result.test.row["claim"], EFFECT)
        if word and result.two_sided > ALPHA:
            text = f"“{word}”, but no difference was measured: two-sided {result.two_sided:.3g}"
            yield Flag("support", result.test.id, text)


def _differing(a: dict[str, str], b: dict[str, str]) -> list[str]:
    """Factors in which two arms differ, as far as printed; elision and its lever are one."""
    names = [name for name in COMPARED if a[name] and b[name] and a[name] != b[name]]
    if "elide" in names and {a["lever"], b["lever"]} == {"none", "elide"}:
        names.remove("lever")
    return names
