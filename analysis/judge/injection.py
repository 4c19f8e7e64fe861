"""A scan for code that speaks to its judge. It raises a flag and decides nothing: no score is ever changed by it.

Searched are the comments and strings of Go files, all of any other file, and the paths; of each the case, the breaks
between lines and characters that cannot be seen make no difference. Comments on successive lines are read as one. What
is spelt out in identifiers, taken apart or encoded is not found: the scan shows attempts, not their absence.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from analysis.judge.model import normalised
from analysis.judge.sources import SourceFile

FLAG = "addresses_judge"

RULES = {
    "names the judge": r"\b(?:judges?|graders?|evaluators?|referees?|reviewers?)\b",
    "claims a score": r"\bscor(?:es?|ed|ing)\b.{0,40}?\b(?:1\.0+|10|100|full|perfect|max(?:imum)?|high(?:est)?|top)\b",
    "asks for a mark": r"\b(?:rate|grade|award|give|assign|deserves?)\b.{0,40}?"
    r"\b(?:marks?|scores?|ratings?|grades?|points)\b",
    "gives instructions": r"\b(?:ignore|disregard|forget|override)\b.{0,40}?"
    r"\b(?:instructions?|prompts?|rubrics?|rules|previous|prior|above)\b",
    "speaks to a model": r"\b(?:as an?|you are (?:an?|the)) (?:ai|llm|language model|assistant)\b"
    r"|\bsystem prompt\b|<\|\w+\|>|\[/?inst\]",
    "names a candidate": r"\bcandidates? [ab]\b",
    "names the rubric": r"\b(?:contract_fidelity|concurrency_safety|idiomaticity)\b|\brubric\b",
}
"""Regular expressions by the name of the rule."""

_PATTERNS = {name: re.compile(rule) for name, rule in RULES.items()}

WORDS = re.compile(
    r"//[^\n]*(?:\n[ \t]*//[^\n]*)*"
    r"|/\*.*?(?:\*/|\Z)"
    r'|"(?:\\.|[^"\\\n])*"|`[^`]*(?:`|\Z)'
    r"|'(?:\\.|[^'\\\n])*'",
    re.DOTALL,
)
"""Comments, strings and characters of Go code; one inside another is part of it."""


def flags(files: Sequence[SourceFile]) -> list[str]:
    """`addresses_judge: <path>:<line> (<rule>)` for each text and rule, in order."""
    return [f"{FLAG}: {file.path}:{line} ({rule})" for file in files for line, rule in _in_file(file)]


def names_author(files: Sequence[SourceFile], author: str) -> list[str]:
    """`names_author: <path>` for each file that holds the name of who wrote it, so that the judge was not blind."""
    name = re.compile(rf"(?<!\w){re.escape(normalised(author))}(?!\w)", re.IGNORECASE)
    return [f"names_author: {file.path}" for file in files if name.search(f"{file.path}\n{file.text}")]


def _in_file(file: SourceFile) -> Iterator[tuple[int, str]]:
    yield from ((0, rule) for rule in _rules(file.path))
    if not file.path.endswith(".go"):
        yield from ((line, rule) for line, text in enumerate(file.text.splitlines(), 1) for rule in _rules(text))
        return
    for match in WORDS.finditer(file.text):
        line = file.text.count("\n", 0, match.start()) + 1
        yield from ((line, rule) for rule in _rules(match[0]))


def _rules(text: str) -> Iterator[str]:
    plain = _plain(text)
    yield from (name for name, rule in _PATTERNS.items() if rule.search(plain))


def _plain(text: str) -> str:
    """Lower case, on one line, without comment signs and characters that cannot be seen."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return re.sub(r"[\s/*_\\]*[\s/*\\][\s/*\\]*", " ", seen.casefold())
