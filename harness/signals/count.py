"""A count of findings, or why there is none: what could not be looked at is unknown, and never 0."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST_REASON = 200
"""Characters of a reason; the rest is cut off, for it may quote the code."""


@dataclass(frozen=True)
class FindingCount:
    """Number of findings of one tool."""

    count: int | None
    """None unless the tool looked at every file."""
    at_least: int = 0
    """Findings where it did look."""
    by: Mapping[str, int] = field(default_factory=dict)
    """The same by analyzer, or by file for gofmt."""
    unknown: str | None = None
    """Why `count` is None, in one line; None where it is not."""

    @classmethod
    def of(cls, found: Mapping[str, int], unknown: str | None) -> "FindingCount":
        """A count that holds if there is nothing unknown."""
        total = sum(found.values())
        by = dict(sorted(found.items()))
        return cls(None if unknown else total, total, by, one_line(unknown) if unknown else None)

    @classmethod
    def none(cls, why: str) -> "FindingCount":
        """Nothing could be looked at."""
        return cls.of({}, why)


def diagnostics(output: str) -> tuple[Counter[str], str | None]:
    """Findings by analyzer of `go vet -json` or `go fix -json`, and what the tools could not look at, if anything.

    One object a package, one after the other: package → analyzer → list of diagnostics, or an error of the
    analyzer (golang.org/x/tools/go/analysis/unitchecker). Raises ValueError for anything else.
    """
    found: Counter[str] = Counter()
    failed = None
    for document in documents(output):
        for package, analyzers in document.items():
            for analyzer, diagnosed in analyzers.items():
                if isinstance(diagnosed, list):
                    found[analyzer] += len(diagnosed)
                else:
                    failed = f"{analyzer} failed on {package}: {diagnosed}"
    return +found, failed


def documents(output: str) -> Iterator[dict[str, Any]]:
    """JSON objects that stand one after the other; raises ValueError for what is none."""
    decoder, at = json.JSONDecoder(), 0
    while rest := output[at:].lstrip():
        at = len(output) - len(rest)
        document, at = decoder.raw_decode(output, at)
        if not isinstance(document, dict):
            raise ValueError(f"no JSON object: {rest[:40]}")  # noqa: TRY004 - of the text, not of its type
        yield document


def one_line(text: str) -> str:
    """Text as one line of printable characters, clipped."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"
