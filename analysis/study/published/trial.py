"""Trial of the rules: slips planted in texts and tables, and clean ones, of two parts.

The first part was at hand while the rules were written. The part held back was written before them and tried once
they were done; no rule follows from it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib.resources import files

from analysis.study.published.citation import citation_flags, claim_flags
from analysis.study.published.derived import derived_flags
from analysis.study.published.flag import Flag
from analysis.study.published.flags import remarks
from analysis.study.published.invalid import invalid_flags
from analysis.study.published.ledger import PublishedResults, Row, read
from analysis.study.published.prose import plain, sentences
from analysis.study.published.recompute import RecomputedTest, recompute
from analysis.study.published.sequence import sequence_flags


@dataclass(frozen=True)
class PlantedText:
    """One line of the trial: a sentence, or a change to a row of a published table."""

    part: str
    kind: str
    """The slip planted; empty in a clean line."""
    text: str = ""
    table: str = ""
    row: str = ""
    values: dict[str, str] = field(default_factory=dict)
    about: str = ""

    @property
    def subject(self) -> str:
        """Return the sentence, or the change to a row."""
        values = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"“{self.text}”" if self.text else f"{self.row} with {values}"


@dataclass(frozen=True)
class Tried:
    """A line of the trial, and what the rules say of it."""

    planted: PlantedText
    flags: Sequence[Flag]

    @property
    def found(self) -> bool:
        """Return whether the slip was found, as of its kind and on its row."""
        wanted = self.planted
        return any(one.kind == wanted.kind and one.about in (wanted.about, "text") for one in self.flags)

    @property
    def missed(self) -> bool:
        return bool(self.planted.kind) and not self.found

    @property
    def otherwise(self) -> bool:
        """Return whether something was found, but not the slip that was planted."""
        return self.missed and bool(self.flags)

    @property
    def false_alarm(self) -> bool:
        return not self.planted.kind and bool(self.flags)


def trial() -> list[Tried]:
    """Every line, tried."""
    text = (files("analysis.study.published") / "data" / "trial.jsonl").read_text(encoding="utf-8")
    published = PublishedResults()
    results, usual = recompute(published), set(_table_flags(published))
    tried = []
    for planted in (PlantedText(**json.loads(line)) for line in text.splitlines()):
        if planted.text:
            flags = text_flags(planted.text, "text", published, results)
        else:
            changed = PublishedResults(partial(_changed, planted))
            flags = [flag for flag in _table_flags(changed) if flag not in usual]
        tried.append(Tried(planted, flags))
    return tried


def text_flags(text: str, about: str, published: PublishedResults, results: Sequence[RecomputedTest]) -> list[Flag]:
    """Findings of the rules in a text, sentence by sentence."""
    flags: list[Flag] = []
    for sentence in map(plain, sentences(text)):
        own = [*derived_flags(sentence, about), *citation_flags(sentence, about, published, results)]
        # A value of p that belongs to another comparison is no error of arithmetic.
        borrowed = any(flag.kind == "attribution" and flag.text.startswith("p ") for flag in own)
        flags += [flag for flag in own if not (borrowed and flag.kind in ("arithmetic", "sidedness"))]
    return flags


def _table_flags(published: PublishedResults) -> Iterator[Flag]:
    yield from invalid_flags(published)
    yield from sequence_flags(published)
    yield from claim_flags(published)
    yield from remarks(published)


def _changed(planted: PlantedText, name: str) -> list[Row]:
    rows = read(name)
    for row in rows:
        if name == planted.table and row["run_id" if name == "runs" else "id"] == planted.row:
            row.update(planted.values)
    return rows


def own_sentences(page: str) -> str:
    """The number of sentences of a page, and what the rules say of them."""
    published = PublishedResults()
    flags = text_flags(page, "text", published, recompute(published))
    found = "".join(f" {flag.kind.capitalize()}: {flag.text}." for flag in flags)
    return f"- This page's own {len([*sentences(page)])} sentences: {len(flags)} alarms.{found}"


def told(tried: Sequence[Tried]) -> str:
    """The result of the trial in sentences, part by part, and what was missed."""
    lines = []
    for part in dict.fromkeys(one.planted.part for one in tried):
        planted = [one for one in tried if one.planted.part == part and one.planted.kind]
        clean = [one for one in tried if one.planted.part == part and not one.planted.kind]
        lines.append(
            f"- {part.capitalize()}: {sum(one.found for one in planted)} of {len(planted)} planted slips found, "
            f"{sum(one.false_alarm for one in clean)} false alarms on {len(clean)} clean lines."
        )
    for one in tried:
        if one.missed:
            raised = f"found as {one.flags[0].kind}" if one.flags else "not found"
            lines.append(f"- {raised.capitalize()}: {one.planted.subject}, planted as {one.planted.kind}.")
        if one.false_alarm:
            lines.append(f"- False alarm: {one.planted.subject} ({one.flags[0].kind}: {one.flags[0].text}).")
    return "\n".join(lines)
