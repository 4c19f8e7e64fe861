"""Figures that a sentence derives from others in it: shares, changes, multiples, ratios, differences, values of p."""

import re
from collections.abc import Iterator

from analysis.stats.arms import TwoArms
from analysis.stats.conditional import fisher
from analysis.study.published.flag import Flag
from analysis.study.published.ledger import agrees
from analysis.study.published.prose import NUMBER, PERCENT, Quoted, counts, values_of_p

AMOUNT = rf"(?<![\d/.,]){NUMBER}(?!/\d)\s?(?:k\b|%)?"
"""A number that is no part of counts such as 4/7."""
UNIT = r"(?: (?!(?:less|more|fewer|higher|lower|points|times)\b)[A-Za-z]+){0,4}"
PAIR = re.compile(
    rf"\bfrom ({AMOUNT}){UNIT} to ({AMOUNT})|({AMOUNT}){UNIT},? (?:instead of|rather than) ({AMOUNT})"
    rf"|({AMOUNT}){UNIT} ?(?:->|→) ?({AMOUNT})"
)
"""Two amounts of which one became the other, or stands in its place."""
BESIDE = re.compile(rf"({AMOUNT}){UNIT},? \(?(?:against|vs\.?|versus|compared (?:with|to)) ({AMOUNT})")
CHANGE = re.compile(
    r"\b(?:drop|fall|fell|reduc|cut|decreas|increas|rise|rose|gain|less|more|fewer|higher|lower|longer|shorter|"
    r"faster|slower|grew|grow|by|down|up)"
)
SIGNED = re.compile(r"[-−+]\d")
SHARES = {
    "two thirds": 2 / 3,
    "three quarters": 0.75,
    "by half": 0.5,
    "a third": 1 / 3,
    "a quarter": 0.25,
    "a fifth": 0.2,
}
"""Words for a relative change, either way."""
FOLDS = {
    "halved": 2,
    "doubled": 2,
    "twofold": 2,
    "tripled": 3,
    "threefold": 3,
    "fourfold": 4,
    "fivefold": 5,
    "tenfold": 10,
}
"""Words for a multiple, either way."""
LOOSE = 0.15
"""Relative error that a change in words may have."""
TIMES = re.compile(
    rf"({NUMBER})(?:\s?(?:×|times\b|x (?:faster|slower|more|less|as))|[- ]fold\b)|\bfactor of ({NUMBER})"
)
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
    """Two amounts and the relative change from one to the other; a change of shares may also be one in points.

    Amounts that are set side by side, and times where something is faster or slower, may be compared either way.
    """
    for match in (*PAIR.finditer(sentence), *BESIDE.finditer(sentence)):
        groups = [group for group in match.groups() if group]
        first, last = (Quoted.of(text) for text in groups)
        if first.unit != last.unit or not first.value or not last.value:
            continue
        before, after = (last, first) if "instead" in match[0] or "rather" in match[0] else (first, last)
        change = 100 * (after.value / before.value - 1)
        bounds = [_change(after, before)]
        if re.search("against|vs|versus|compared", match[0]) or re.search(r"\b(?:faster|slower)\b", sentence):
            bounds.append(_change(before, after))
        rest = sentence[: match.start()] + " " * len(match[0]) + sentence[match.end() :]
        for percent in PERCENT.finditer(rest):
            near = rest[max(percent.start() - 30, 0) : percent.end() + 12]
            if not (CHANGE.search(near) or SIGNED.match(percent[1])):
                continue
            printed, half = abs(float(percent[1].replace("−", "-"))), Quoted.of(percent[1].lstrip("-−+")).half
            if percent[2]:
                same = abs(abs(after.value - before.value) - printed) <= half + first.half + last.half
            else:
                same = any(low - half <= printed <= high + half for low, high in bounds)
            if not same:
                yield f"{match[0]} is {change:+.0f}%, printed {percent[0].strip()}"
        for word, share in SHARES.items():
            said = re.search(rf"\b{word}\b", sentence)
            if said and not any(
                low <= 100 * share * (1 + LOOSE) and high >= 100 * share * (1 - LOOSE) for low, high in bounds
            ):
                yield f"{match[0]} is {change:+.0f}%, printed as {word}"


def _change(after: Quoted, before: Quoted) -> tuple[float, float]:
    """The least and the largest size of a relative change that rounding leaves open, in percent."""
    low, high = (100 * (ratio - 1) for ratio in after.over(before))
    return (min(abs(low), abs(high)) if low * high > 0 else 0.0), max(abs(low), abs(high))


def _multiples(sentence: str) -> Iterator[str]:
    """Two amounts, or two rates, and how many times one is the other."""
    times, word = TIMES.search(sentence), next((one for one in FOLDS if re.search(rf"\b{one}\b", sentence)), "")
    pair = PAIR.search(sentence) or BESIDE.search(sentence)
    rates = [one for one in counts(sentence) if one.slashed and one.k and one.n]
    if pair:
        amounts, quoted = [Quoted.of(text) for text in pair.groups() if text], pair[0]
    elif len(rates) == 2:
        amounts, quoted = [Quoted(one.k / one.n, 0.0) for one in rates], " and ".join(map(str, rates))
    else:
        return
    small, large = sorted(amounts, key=lambda one: one.value)
    if not small.value or not (times or word):
        return
    printed = Quoted.of(times[1] or times[2]) if times else Quoted(FOLDS[word], LOOSE * FOLDS[word])
    low, high = large.over(small)
    inside = bool(times and pair and pair.start() <= times.start() < pair.end())
    if not inside and not low - printed.half <= printed.value <= high + printed.half:
        yield f"{quoted} is {large.value / small.value:.3g} times, printed {times[0] if times else word}"


def _ratios(sentence: str) -> Iterator[str]:
    """A ratio to one, from the numbers before it, or behind it in brackets: several are set against the last."""
    ratio = TO_ONE.search(sentence)
    if not ratio:
        return
    rest = sentence[: ratio.start()]
    pieces = re.split(r"\b(?:against|to|versus|vs\.?|for)\b", rest)
    amounts = [[Quoted.of(text).value for text in re.findall(NUMBER, piece)] for piece in pieces]
    sides = [values for values in amounts if values]
    if not sides:  # the amounts may come behind, in brackets
        behind = re.search(r"\(([^()]*)\)", sentence[ratio.end() :])
        sides = [[Quoted.of(text).value] for text in re.findall(NUMBER, behind[1])] if behind else []
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
