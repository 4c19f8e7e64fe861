"""Slips: how a simulated subject gets a file wrong, by rules that work on the text alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from harness.simulator.language import Language, Rule


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


def spoil(text: str, random: Random, uncompilable: float, language: Language) -> str:
    """The text with one slip in it, as likely as `uncompilable` one that the compiler finds."""
    kinds = (language.uncompilable, language.mistaken)
    for kind in kinds if random.random() < uncompilable else reversed(kinds):
        found = list(slips(text, kind))
        if found:
            return random.choice(found).apply(text)
    return text
