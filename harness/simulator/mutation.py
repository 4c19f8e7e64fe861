"""Slips: how a simulated subject gets a file wrong, by rules that work on the text alone.

No rule touches a loop or anything a loop waits for, so that wrong code fails its tests and does not hang them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Rule:
    """One kind of slip: what it replaces, and by what."""

    pattern: re.Pattern[str]
    replacement: str


def _rule(pattern: str, replacement: str) -> Rule:
    return Rule(re.compile(pattern, re.MULTILINE), replacement)


UNCOMPILABLE = (
    _rule(r"^(func [^\n]*\{)$", r"\1\n\tunused := 0"),
    _rule(r"^(\t+return [^\n]*)\)$", r"\1"),
    _rule(r"^\t\"[a-z/]+\"\n", ""),
)
"""Slips that the compiler finds: a variable without use, a parenthesis left open, an import forgotten."""

MISTAKEN = (
    _rule(r"\bhttp\.StatusCreated\b", "http.StatusOK"),
    _rule(r"\bhttp\.StatusNoContent\b", "http.StatusOK"),
    _rule(r"\bhttp\.StatusConflict\b", "http.StatusBadRequest"),
    _rule(r"\bhttp\.StatusNotFound\b", "http.StatusBadRequest"),
    _rule(r"\bhttp\.StatusMethodNotAllowed\b", "http.StatusNotFound"),
    _rule(r"(\"(?:[A-Z]+ )?/\w+)/\"", r'\1"'),
    _rule(r"^(\t+return [^\n]*\b)true$", r"\1false"),
    _rule(r"^(\t+return [^\n]*)\bfalse$", r"\1true"),
    _rule(r"^(\t+return [^\n]*) == ", r"\1 != "),
    _rule(r"^(\t+return [^\n]*) != ", r"\1 == "),
    _rule(r"^(\t+return [^\n]*) < ", r"\1 > "),
    _rule(r"^(\t+return [^\n]*) \+ ", r"\1 - "),
    _rule(r"^(\t+return) -(\w)", r"\1 \2"),
    _rule(r"^\t+(?:sort|slices)\.\w+\([^\n]*\)\n", ""),
    _rule(r"\bslices\.Sorted\(", "slices.Collect("),
    _rule(r"^\t+\w+\.Handle(?:Func)?\([^\n]*\)\n", ""),
    _rule(r"\bstrings\.TrimSpace\(([^()\n]+)\)", r"\1"),
    _rule(r"(map\[\w+\]\w+)\{[^{}\n]+\}", r"\1{}"),
    _rule(r"^\tif (?:!\w+\.|len\()[^\n]*\{\n(?:\t+//[^\n]*\n)*\t\treturn [^\n]+\n\t\}\n", ""),
)
"""Slips that only a test finds: a wrong status, a lost route, a verdict turned round, an order or a guard forgotten."""


@dataclass(frozen=True)
class Slip:
    """One place where a text can go wrong, and what would stand there then."""

    start: int
    end: int
    replacement: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.replacement + text[self.end :]


def slips(text: str, rules: tuple[Rule, ...]) -> Iterator[Slip]:
    """Every way in which the rules can get this text wrong."""
    for rule in rules:
        for match in rule.pattern.finditer(text):
            yield Slip(match.start(), match.end(), match.expand(rule.replacement))


def spoil(text: str, random: Random, uncompilable: float) -> str:
    """The text with one slip in it, as likely as `uncompilable` one that the compiler finds."""
    kinds = (UNCOMPILABLE, MISTAKEN) if random.random() < uncompilable else (MISTAKEN, UNCOMPILABLE)
    for kind in kinds:
        found = list(slips(text, kind))
        if found:
            return random.choice(found).apply(text)
    return text
