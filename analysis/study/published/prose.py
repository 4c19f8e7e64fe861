"""Sentences of a text, and the figures that they quote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMBER = r"\d[\d,]*(?:\.\d+)?"

MOST_RUNS = 9_999
"""Runs of an arm up to which a value of p in a text is computed again."""
SHOWN = 160
"""Characters of a sentence that a table shows."""

WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORD = re.compile(rf"\b({'|'.join(WORDS)})(?= of\b)|(?<= of )({'|'.join(WORDS)})\b", re.IGNORECASE)

SLASHED = re.compile(r"(?<![\w./-])(\d+)/(\d+)(?![\d/%-]|\.\w)")
K_OF_N = re.compile(r"\b(\d+) (?:out )?of (?:the |all |its )?(\d+)\b(?![.,]\d)")
OF_N_K = re.compile(r"\b(?:of|among) (?:the |all |its )?(\d+) [a-z -]{2,30}?,? (\d+)\b(?![.,/]\d)", re.IGNORECASE)

P_VALUE = re.compile(r"\bp(?:-value)?\s*(?:=|≈|~|is|of)\s*(0?\.\d+|1(?:\.0+)?)\b")
DONE, NOT_DONE = "complet(?:ed|es?)|pass(?:ed)?|succeed(?:ed|s)", "stagnat(?:ed|es)|fail(?:ed|s)?"
AGAINST = re.compile(r"\W*(?:against|vs\.?|versus)\W*")
PERCENT = re.compile(r"([-−+]?\d+(?:\.\d+)?)\s?%( points)?")

BOUNDARY = re.compile(r"(?<=[.!?:;])\s+(?=[A-Z`(“\"*-])|(?<=[.!?])\s+(?=\d)")
MARKUP = re.compile(r"\*\*|`|\[(?=[^\]]*\]\()|(?<=\])\([^)]*\)|\](?=\()|<[^>]+>")


@dataclass(frozen=True)
class Counts:
    """k of n, as quoted, and where."""

    k: int
    n: int
    start: int
    end: int
    slashed: bool = False

    def __str__(self) -> str:
        return f"{self.k}/{self.n}"


@dataclass(frozen=True)
class Quoted:
    """One number as printed, with half a unit of its last digit."""

    value: float
    half: float
    unit: str = ""

    @classmethod
    def of(cls, text: str) -> "Quoted":
        """Read a number like `23.5k`, `18,600` or `25%`."""
        match = re.match(rf"({NUMBER})\s?(k\b|%)?", text)
        assert match is not None
        digits = match[1].replace(",", "").partition(".")[2]
        scale = 1000 if match[2] == "k" else 1
        return cls(
            float(match[1].replace(",", "")) * scale, 10.0 ** -len(digits) / 2 * scale, "%" if match[2] == "%" else ""
        )

    def over(self, other: "Quoted") -> tuple[float, float]:
        """The least and the largest ratio to another number that rounding leaves open."""
        low = (self.value - self.half) / (other.value + other.half)
        return low, (self.value + self.half) / max(other.value - other.half, 1e-9)


def sentences(text: str) -> Iterator[str]:
    """Sentences of prose in Markdown: no tables, headings, code blocks or markup, and lines joined."""
    for block in re.split(r"\n\s*\n|\n(?=\s*[-*] )", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        lines = [line.strip() for line in block.splitlines()]
        if not lines or lines[0].startswith(("#", "|")):
            continue
        joined = _unabbreviated(MARKUP.sub("", " ".join(lines)).strip())
        yield from (sentence for sentence in BOUNDARY.split(joined) if sentence)


def _unabbreviated(text: str) -> str:
    """The text without periods that end no sentence."""
    text = re.sub(r"\b(vs|approx|ca|cf|no)\.(?= )", r"\1", text)
    return re.sub(r"\be\.g\.", "for example", re.sub(r"\bi\.e\.", "that is", text))


def plain(sentence: str) -> str:
    """A sentence with `percent` as a sign."""
    return re.sub(r"\s?\bper ?cent(?:age)?\b", "%", sentence)


def shortened(sentence: str) -> str:
    """The beginning of a sentence."""
    return sentence if len(sentence) <= SHOWN else f"{sentence[:SHOWN]}…"


def counts(sentence: str) -> list[Counts]:
    """Counts out of totals that a sentence quotes, in its order; `none of six` is one too."""
    digits = _WORD.sub(_digits, sentence)
    quoted = [Counts(int(m[1]), int(m[2]), *m.span(), slashed=True) for m in SLASHED.finditer(digits)]
    quoted += [Counts(int(m[1]), int(m[2]), *m.span()) for m in K_OF_N.finditer(digits)]
    quoted += [Counts(int(m[2]), int(m[1]), *m.span()) for m in OF_N_K.finditer(digits)]
    return sorted((one for one in quoted if one.k <= one.n), key=lambda one: one.start)


def _digits(match: re.Match[str]) -> str:
    """The digits of a number word, as long as the word, right beside the `of`."""
    text = str(WORDS.index(match[0].lower()))
    return text.rjust(len(match[0])) if match[1] else text.ljust(len(match[0]))


def values_of_p(sentence: str) -> list[tuple[Counts, Counts, str]]:
    """Each value of p with the two counts that it is of, where the sentence leaves no doubt.

    These are the only two of the sentence; or the two set against each other right before the value; or the first of
    the sentence and the one behind a value that reads `p = 0.1 against 0/7`.
    """
    quoted = [one for one in counts(sentence) if one.slashed and 0 < one.n <= MOST_RUNS]
    values = [*P_VALUE.finditer(sentence)]
    if len(quoted) == 2 and len(values) == 1:
        return [(quoted[0], quoted[1], values[0][1])]
    pairs = []
    for value in values:
        end = value.end() + len(re.split(r"[;)]|\bp\s*[=≈~]", sentence[value.end() :], maxsplit=1)[0])
        behind = [one for one in quoted if value.end() <= one.start < end]
        before = [one for one in quoted if one.end <= value.start()][-2:]
        if re.match(r"\W*(?:against|vs\.?|versus)\b", sentence[value.end() :]):
            if len(behind) == 1 and quoted[0] is not behind[0]:
                pairs.append((quoted[0], behind[0], value[1]))
        elif (
            len(before) == 2
            and AGAINST.fullmatch(sentence[before[0].end : before[1].start])
            and re.fullmatch(r"[^\d;]{0,12}", sentence[before[1].end : value.start()])
        ):
            pairs.append((before[0], before[1], value[1]))
    return pairs


def outcomes(sentence: str) -> list[bool]:
    """The order of outcomes that a sentence lists, four or more, as letters or words; True is completed."""
    letters = re.search(r"\b[SFCP](?:[ ,]+[SFCP]\b){3,}", sentence)
    if letters:
        return [letter in "CP" for letter in re.findall("[SFCP]", letters[0])]
    word = rf"(?:{DONE}|{NOT_DONE})"
    words = re.search(rf"\b{word}(?:,? (?:and |then )?{word}\b){{3,}}", sentence, re.IGNORECASE)
    listed = re.findall(word, words[0], re.IGNORECASE) if words else []
    return [re.fullmatch(DONE, one, re.IGNORECASE) is not None for one in listed]
