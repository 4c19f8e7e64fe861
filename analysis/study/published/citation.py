"""Figures of the published tables as texts quote them: whose they are, and what a comparison of them can show."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from analysis.study.published.flag import Flag
from analysis.study.published.judged_flags import family
from analysis.study.published.ledger import PublishedArm, PublishedResults, PublishedTest, agrees, number
from analysis.study.published.prose import Counts, counts, outcomes, values_of_p
from analysis.study.published.recompute import ALPHA, RecomputedTest
from analysis.study.published.sequence import drift

COMPARED = ("task", "model", "ctx_limit", "memory", "elide", "lever")

FACTORS = {
    "elide": r"\belision\b|\belid\w+",
    "memory": r"\bnotes\b|\bmemory\b|progress file",
    "digest": r"\bdigests?\b",
    "nudge": r"\bnudges?\b|\breminders?\b",
    "impl_doc": r"\binterfaces?\b|\bgo doc\b",
}
"""Words for factors and levers."""

CAUSAL = re.compile(
    r"\b(?:because|caus\w+|due to|owing to|thanks to|driv(?:es?|en|ing)|lift(?:s|ed)?|rais(?:es?|ed)|shift(?:s|ed)?|"
    r"mov(?:es?|ed)|ma(?:kes?|de)|lead(?:s|ing)? to|led to|improv(?:es?|ed)|reduc(?:es?|ed)|lower(?:s|ed)|"
    r"increas(?:es?|ed)|explain(?:s|ed)?|enabl(?:es?|ed)|prevent(?:s|ed)?|lets?|helps?|helped|"
    r"responsible for|brought|results? in|resulted in)\b|^since\b(?! then| \d)"
)
"""Words that call one thing the cause of another."""
EFFECT = re.compile(
    r"\b(?:caus(?:es|ed)|drives|drove|lift(?:s|ed)|rais(?:es|ed)|shift(?:s|ed)|improv(?:es|ed)|increas(?:es|ed)|"
    r"reduc(?:es|ed)|lower(?:s|ed)|chang(?:es|ed))\b"
)
"""Words that say that one thing had an effect on another, as a finding."""
DENIED = re.compile(r"\b(?:not|no|neither|never|nothing|nor|without|hardly)\b(?:\W+\w+){0,2}\W*$")
DISOWNED = re.compile(r"invalid|contaminat|discard|excluded|left out")


@dataclass(frozen=True)
class Mentions:
    """The tasks, models and budgets that a sentence names; empty where it names none."""

    task: frozenset[str]
    model: frozenset[str]
    ctx_limit: frozenset[str]

    @classmethod
    def of(cls, sentence: str, arms: Sequence[PublishedArm]) -> "Mentions":
        """Look for every value of the tables, and for budgets as `11k` or `11,000 tokens`."""
        words = sentence.casefold()
        tasks = {arm.row["task"] for arm in arms}
        models = {arm.row["model"] for arm in arms if arm.row["model"]}
        budgets = re.findall(r"(?<![\w.,])(\d+)(?:k\b|,000\b(?= tokens))", words)
        return cls(
            frozenset(task for task in tasks if re.search(rf"\b{re.escape(task)}\b", words)),
            frozenset(model for model in models if re.search(rf"\b{family(model)}\b", words)),
            frozenset(f"{budget}000" for budget in budgets) & {arm.row["ctx_limit"] for arm in arms},
        )

    def hold(self, arm: PublishedArm) -> bool:
        """Return whether an arm is one of those that the sentence speaks of."""
        return all(not values or arm.row[name] in values for name, values in vars(self).items())


def citation_flags(
    sentence: str, about: str, published: PublishedResults, results: Sequence[RecomputedTest]
) -> list[Flag]:
    """Figures of one sentence that the tables give to something else, or to an observation called a cause."""
    quoted = [one for one in counts(sentence) if one.slashed]
    arms = [*published.arms.values()]
    mentions = Mentions.of(sentence, arms)
    flags = [
        *_owners(sentence, quoted, mentions, arms, about),
        *_pooled_invalid(sentence, quoted, mentions, arms, about),
    ]
    flags += [*_values(sentence, results, about), *_levers(sentence, quoted, mentions, published, about)]
    flags += _causes(sentence, quoted, published, results, about)
    text = drift(outcomes(sentence))
    return [*flags, *([Flag("sequence", about, text)] if text else [])]


def claim_flags(published: PublishedResults) -> Iterator[Flag]:
    """Effects attributed to what the arms do not differ in, figures of other arms, causal words for observations."""
    for test in published.tests:
        pair = _pair(published, test)
        if pair is None:
            continue
        named, differing = _named(test.row["claim"]), _factors(*pair)
        if named and not named & differing:
            but = f"but the arms differ in {_listed(differing) or 'nothing'}"
            yield Flag("attribution", test.id, f"“{test.row['claim']}” names {_listed(named)}, {but}")
        reasons = observed(published, test)
        word = causal_word(test.row["claim"])
        if word and reasons:
            yield Flag("cause", test.id, f"“{word}”, but the difference was observed: {'; '.join(reasons)}")
        yield from _borrowed(published, test, pair)


def observed(published: PublishedResults, test: PublishedTest) -> list[str]:
    """Reasons why a comparison is an observation and no experiment; none for arms run together."""
    pair = _pair(published, test)
    if pair is None:
        return []
    reasons = []
    a, b = pair
    differing = _factors(a, b)
    if len(differing) != 1:
        reasons.append(f"the arms differ in {_listed(differing)}" if differing else "the arms differ in no factor")
    if a.row["date"] != b.row["date"]:
        reasons.append(f"not run together ({a.row['date']} and {b.row['date']})")
    return reasons


def _pair(published: PublishedResults, test: PublishedTest) -> tuple[PublishedArm, PublishedArm] | None:
    a, b = (published.arms.get(test.row[name]) for name in ("arm_a", "arm_b"))
    return (a, b) if a and b else None


def _factors(a: PublishedArm, b: PublishedArm) -> frozenset[str]:
    """Factors in which two arms differ, as far as printed; each lever is a factor, and elision is one of them."""
    names = {name for name in COMPARED[:-1] if a.row[name] and b.row[name] and a.row[name] != b.row[name]}
    levers = {arm.row["lever"] for arm in (a, b)} - {"", "none", "elide"}
    return frozenset(names | (levers if a.row["lever"] != b.row["lever"] else set()))


def _named(text: str) -> frozenset[str]:
    return frozenset(name for name, words in FACTORS.items() if re.search(words, text, re.IGNORECASE))


def causal_word(text: str, words: re.Pattern[str] = CAUSAL) -> str:
    """Return the first causal word of a text that is not denied, before it or behind; empty if there is none."""
    text = text.lower()
    for match in words.finditer(text):
        if not DENIED.search(text[: match.start()]) and not re.match(r" (?:no|little|nothing)\b", text[match.end() :]):
            return match[0]
    return ""


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _has(arm: PublishedArm, one: Counts) -> bool:
    return (arm.completed, arm.n) == (one.k, one.n)


def _owners(
    sentence: str, quoted: Sequence[Counts], whole: Mentions, arms: Sequence[PublishedArm], about: str
) -> Iterator[Flag]:
    """Counts that belong to other arms than those that the sentence names, and to none of these.

    A task or a model is named for the whole sentence, a budget for its clause, of which one count has to be at it. A
    lever that a sentence names beside a single count has to be that arm's.
    """
    levers = _named(sentence) - {"elide", "memory"}
    for one in quoted:
        owners = [arm for arm in arms if _has(arm, one)]
        clause = _clause(sentence, one)
        at_budget = replace(whole, ctx_limit=Mentions.of(clause, arms).ctx_limit)
        anywhere = replace(whole, ctx_limit=frozenset())
        beside = [arm for other in counts(clause) if other.slashed for arm in arms if _has(arm, other)]
        fits = any(anywhere.hold(arm) for arm in owners) and any(at_budget.hold(arm) for arm in beside)
        if len(quoted) == 1 and levers:
            fits = fits and any(arm.row["lever"] in levers for arm in owners)
        if owners and not fits:
            names = ", ".join(arm.id for arm in owners[:3])
            yield Flag("attribution", about, f"{one} is of {names}, and of nothing that the sentence names")


def _clause(sentence: str, one: Counts) -> str:
    """The part of a sentence around a figure, up to the next `and`, `but` or semicolon on either side."""
    before = re.split(r";|,? (?:and|but|while|where)\b", sentence[: one.start])[-1]
    return before + re.split(r";|,? (?:and|but|while|where)\b", sentence[one.start :], maxsplit=1)[0]


def _pooled_invalid(
    sentence: str, quoted: Sequence[Counts], mentions: Mentions, arms: Sequence[PublishedArm], about: str
) -> Iterator[Flag]:
    """Counts that only an invalid arm has, or that add one up with a valid arm of its cell."""
    invalid = [arm for arm in arms if arm.row["status"] == "invalid" and mentions.hold(arm)]
    valid = [arm for arm in arms if arm.row["status"] != "invalid" and arm.n and arm.completed is not None]
    for one in quoted:
        if any(_has(arm, one) for arm in valid):
            continue
        for arm in invalid:
            if _has(arm, one) and not DISOWNED.search(sentence):
                yield Flag("invalid", about, f"{one} is of {arm.id}, which is invalid")
            for other in valid:
                if (
                    other.cell == arm.cell
                    and (other.n or 0) + (arm.n or 0) == one.n
                    and ((other.completed or 0) + (arm.completed or 0) == one.k)
                ):
                    yield Flag("invalid", about, f"{one} is {other.id} with {arm.id}, which is invalid")


def _values(sentence: str, results: Sequence[RecomputedTest], about: str) -> Iterator[Flag]:
    """Values of p that their counts do not give, and those of another comparison of one of their arms do."""
    for a, b, printed in values_of_p(sentence):
        pair = {(a.k, a.n), (b.k, b.n)}
        giving = [one for one in results if _gives(one, printed)]
        own = [one for one in results if _sides(one) == pair]
        others = [one.test.id for one in giving if _sides(one) & pair]
        if own and others and not any(_sides(one) == pair for one in giving):
            yield Flag("attribution", about, f"p {printed} is that of {', '.join(others)}")


def _gives(result: RecomputedTest, printed: str) -> bool:
    return any(agrees(float(printed), value, printed) for value in (result.two_sided, result.one_sided))


def _sides(result: RecomputedTest) -> set[tuple[int, int]]:
    return {(result.arms.k_a, result.arms.n_a), (result.arms.k_b, result.arms.n_b)}


def _tests_of(published: PublishedResults, quoted: Sequence[Counts]) -> list[PublishedTest]:
    """The comparisons whose two counts a sentence quotes."""
    pairs = [{(a.k, a.n), (b.k, b.n)} for a, b in combinations(quoted, 2)]
    return [test for test in published.tests if {(test.k_a, test.n_a), (test.k_b, test.n_b)} in pairs]


def _levers(
    sentence: str, quoted: Sequence[Counts], mentions: Mentions, published: PublishedResults, about: str
) -> Iterator[Flag]:
    """Pairs of counts set against a lever in which none of their comparisons differs."""
    named = _named(sentence)
    pairs = {test.id: _pair(published, test) for test in _tests_of(published, quoted)}
    known = {name: pair for name, pair in pairs.items() if pair and any(mentions.hold(arm) for arm in pair)}
    if named and known and not any(named & _factors(*pair) for pair in known.values()):
        text = f"names {_listed(named)}, but these counts are of {', '.join(known)}"
        yield Flag("attribution", about, text)


def _causes(
    sentence: str,
    quoted: Sequence[Counts],
    published: PublishedResults,
    results: Sequence[RecomputedTest],
    about: str,
) -> Iterator[Flag]:
    """A cause named beside counts of comparisons that were all only observed, or that all leave the difference open.

    A single count stands for all comparisons that it is part of.
    """
    word, effect = causal_word(sentence), causal_word(sentence, EFFECT)
    tests = pairs = _tests_of(published, quoted)
    if len(quoted) == 1:
        (one,) = quoted
        tests = [test for test in published.tests if (one.k, one.n) in ((test.k_a, test.n_a), (test.k_b, test.n_b))]
    reasons = {test.id: observed(published, test) for test in tests}
    if word and reasons and all(reasons.values()):
        listed = "; ".join(f"{name}: {', '.join(why)}" for name, why in reasons.items())
        yield Flag("cause", about, f"“{word}”, but the difference was observed ({listed})")
    values = {one.test.id: one.two_sided for one in results if one.test in pairs}
    if effect and values and min(values.values()) > ALPHA:
        listed = "; ".join(f"{name}: p {p:.3g}" for name, p in values.items())
        yield Flag("support", about, f"“{effect}”, but no difference was measured ({listed})")


def _borrowed(
    published: PublishedResults, test: PublishedTest, pair: tuple[PublishedArm, PublishedArm]
) -> Iterator[Flag]:
    """Figures of a relative change that are printed of other arms, and not of those compared."""
    figures = re.search(r"read_bytes/pass ([\d.]+)k -> ([\d.]+)k", test.row["delta_of"])
    for text, arm in zip(figures.groups() if figures else (), reversed(pair), strict=False):
        if not _prints(arm, text):
            owners = [other.id for other in published.arms.values() if _prints(other, text)]
            if owners:
                yield Flag("attribution", test.id, f"{text}k is not printed of {arm.id}, but of {', '.join(owners)}")


def _prints(arm: PublishedArm, text: str) -> bool:
    value = number(arm.row["read_bytes_per_pass"])
    return value is not None and agrees(float(text), value / 1000, text)
