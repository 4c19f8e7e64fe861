"""Figures that a sentence derives from others in it: shares, changes, multiples, ratios, differences, values of p."""

import re
from collections.abc import Iterator

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import fisher
from analysis.study.published.flag import Flag
from analysis.study.published.ledger import agrees
from analysis.study.published.prose import NUMBER, PERCENT, Quoted, counts, values_of_p

AMOUNT = rf"{NUMBER}\s?(?:k\b|%)?"
UNIT = r"(?: (?!(?:less|more|fewer|higher|lower|points|times)\b)[A-Za-z]+){0,4}"
PAIR = re.compile(
    rf"\bfrom ({AMOUNT}){UNIT} to ({AMOUNT})|({AMOUNT}){UNIT},? (?:instead of|rather than) ({AMOUNT})"
    rf"|({AMOUNT}){UNIT} ?(?:->|→) ?({AMOUNT})"
)
"""Two amounts of which one became the other, or stands in its place."""
BESIDE = re.compile(rf"({AMOUNT}){UNIT},? \(?(?:against|vs\.?|versus|compared (?:with|to)) ({AMOUNT})")
CHANGE = re.compile(
    r"\b(?:drop|fall|fell|reduc|cut|decreas|increas|rise|rose|gain|less|more|fewer|higher|lower|longer|shorter|by|down|up)"
)
SIGNED = re.compile(r"[-−+]\d")
VERBAL = {"halved": -0.5, "doubled": 1.0, "tripled": 2.0, "by half": 0.5, "a third": 1 / 3, "a quarter": 0.25}
"""Words for a relative change; those without a direction of their own take that of the figures."""
LOOSE = 0.15
"""Relative error that a change in words may have."""
TIMES = re.compile(rf"({NUMBER})\s?(?:×|times\b|x (?:faster|slower|more|less|as))")
TO_ONE = re.compile(rf"(?<![\d.])({NUMBER})(?::1\b| to (?:1|one)\b)")
GAP = re.compile(r"\b(?:gap|difference|distance) of (\d*\.\d+)")
APART = re.compile(r"(\d\.\d+)[^.;]{0,40}?(\d\.\d+) (?:below|above|under|over)(?: [a-z']+){0,3} \(?(\d\.\d+)")
NOT_A_SHARE = re.compile(r"interval|confiden|power|credib|\blevel\b|\bCI\b")


def derived_flags(sentence: str, about: str) -> Iterator[Flag]:
    """Figures of one sentence that do not follow from the others in it."""
    texts = [*_shares(sentence), *_changes(sentence), *_multiples(sentence), *_ratios(sentence), *_gaps(sentence)]
    yield from (Flag("ratio", about, text) for text in texts)
    yield from _tests(sentence, about)


def _shares(sentence: str) -> Iterator[str]:
    """Counts with a percentage right behind them."""
    if NOT_A_SHARE.search(sentence):
        return
    quoted = counts(sentence)
    for place, one in enumerate(quoted):
        end = quoted[place + 1].start if place + 1 < len(quoted) else len(sentence)
        percent = re.match(r"[^\d.;]{0,35}?[ (]~?(\d+(?:\.\d+)?)\s?%", sentence[one.end : end])
        if percent and one.n and not agrees(float(percent[1]), 100 * one.k / one.n, percent[1]):
            yield f"{one} is {100 * one.k / one.n:.3g}%, printed {percent[1]}%"


def _changes(sentence: str) -> Iterator[str]:
    """Two amounts and the relative change from one to the other; a change of shares may also be one in points."""
    for match in PAIR.finditer(sentence):
        groups = [group for group in match.groups() if group]
        first, last = (Quoted.of(text) for text in groups)
        if first.unit != last.unit or not first.value:
            continue
        before, after = (last, first) if "instead" in match[0] or "rather" in match[0] else (first, last)
        change = 100 * (after.value / before.value - 1)
        low, high = (100 * (ratio - 1) for ratio in after.over(before))
        rest = sentence[: match.start()] + " " * len(match[0]) + sentence[match.end() :]
        for percent in PERCENT.finditer(rest):
            near = rest[max(percent.start() - 30, 0) : percent.end() + 12]
            if not (CHANGE.search(near) or SIGNED.match(percent[1])):
                continue
            printed, half = abs(float(percent[1].replace("−", "-"))), Quoted.of(percent[1].lstrip("-−+")).half
            if percent[2]:
                same = abs(abs(after.value - before.value) - printed) <= half + first.half + last.half
            else:
                ends = sorted((abs(low), abs(high))) if low * high > 0 else [0.0, max(abs(low), abs(high))]
                same = ends[0] - half <= printed <= ends[1] + half
            if not same:
                yield f"{match[0]} is {change:+.0f}%, printed {percent[0].strip()}"
        for word, fraction in VERBAL.items():
            if re.search(rf"\b{word}\b", sentence) and abs(abs(change) / 100 - abs(fraction)) > LOOSE * abs(fraction):
                yield f"{match[0]} is {change:+.0f}%, printed as {word}"


def _multiples(sentence: str) -> Iterator[str]:
    """Two amounts and how many times one is the other."""
    times = TIMES.search(sentence)
    pair = BESIDE.search(sentence) or PAIR.search(sentence)
    if not times or not pair or pair.start() <= times.start(1) < pair.end():
        return
    amounts = sorted(
        (Quoted.of(text) for text in [group for group in pair.groups() if group]), key=lambda one: one.value
    )
    if amounts[0].value:
        low, high = amounts[1].over(amounts[0])
        half = Quoted.of(times[1]).half
        if not low - half <= Quoted.of(times[1]).value <= high + half:
            yield f"{pair[0]} is {amounts[1].value / amounts[0].value:.3g} times, printed {times[1]}"


def _ratios(sentence: str) -> Iterator[str]:
    """A ratio to one, from the numbers before it: several are added up and set against the last."""
    ratio = TO_ONE.search(sentence)
    if not ratio:
        return
    rest = sentence[: ratio.start()]
    pieces = re.split(r"\b(?:against|to|versus|vs\.?|for)\b", rest)
    amounts = [[Quoted.of(text).value for text in re.findall(NUMBER, piece)] for piece in pieces]
    sides = [values for values in amounts if values]
    if len(sides) != 2 or not sides[1][0]:
        return
    value = sum(sides[0]) / sides[1][0]
    printed = Quoted.of(ratio[1])
    if not any(abs(one - printed.value) <= printed.half for one in (value, 1 / value if value else 0.0)):
        yield f"{sum(sides[0]):g} to {sides[1][0]:g} is {value:.3g} to one, printed {ratio[1]}"


def _gaps(sentence: str) -> Iterator[str]:
    """A difference of two scores, rounding allowed for."""
    apart, gap = APART.search(sentence), GAP.search(sentence)
    scores = re.findall(r"(?<![\d.])\d?\.\d+", sentence[: gap.start()]) if gap else []
    if apart:
        texts, printed = (apart[1], apart[3]), apart[2]
    elif gap and len(scores) == 2:
        texts, printed = (scores[0], scores[1]), gap[1]
    else:
        return
    a, b, difference = (Quoted.of(text if text[0] != "." else f"0{text}") for text in (*texts, printed))
    if abs(abs(a.value - b.value) - difference.value) > a.half + b.half + min(difference.half, a.half) + 1e-9:
        yield f"{texts[0]} and {texts[1]} differ by {abs(a.value - b.value):.3g}, printed {printed}"


def _tests(sentence: str, about: str) -> Iterator[Flag]:
    """Values of p that their counts do not give, or give on one side only."""
    if re.search(r"Boschloo|adjusted|Holm", sentence):
        return
    for a, b, text in values_of_p(sentence):
        arms, printed = TwoArms(b.k, b.n, a.k, a.n), float(text)
        two_sided, ways = fisher(arms).two_sided, (fisher(arms).greater, fisher(arms.swapped()).greater)
        gives = f"{a} against {b} gives {two_sided:.3g}, one-sided {min(ways):.3g}"
        if agrees(printed, two_sided, text):
            continue
        if not any(agrees(printed, way, text) for way in ways):
            yield Flag("arithmetic", about, f"printed p {printed:g}, but {gives}")
        elif not re.search(r"one-(?:sided|tailed)", sentence):
            yield Flag("sidedness", about, f"printed p {printed:g} is one-sided and not called so: {gives}")
