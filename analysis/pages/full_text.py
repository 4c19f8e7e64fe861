"""Search of a text in all transcripts, the latest runs first, for a limited time."""

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analysis.pages.library import RunLibrary
from analysis.pages.nodes import Node
from analysis.pages.run_page import RunDocument

SECONDS = 3.0
MOST_HITS = 200
AROUND = 60
"""Characters that are shown before a hit; twice as many after it."""


@dataclass
class SearchResult:
    """Places that hold a text."""

    hits: list[tuple[str, str, str]] = field(default_factory=list)
    """Run, place in it and the text around."""
    looked: int = 0
    """Transcripts that were searched."""
    said: str = ""
    """A note where not all were."""


def search(library: RunLibrary, run_ids: Iterable[str], text: str) -> SearchResult:
    """Search a text in the transcripts of some runs, in their order."""
    result = SearchResult()
    wanted, until = text.lower(), time.monotonic() + SECONDS
    for run_id in run_ids:
        if time.monotonic() > until or len(result.hits) >= MOST_HITS:
            result.said = "the search ended early: older runs were not searched"
            break
        path, _ = library.transcript_file(library.run(run_id))
        if path is None:
            continue
        result.looked += 1
        if _may_hold(path.read_bytes(), wanted):
            result.hits += [(run_id, at, words) for at, words in _hits(library.document(run_id), wanted)]
    return result


def _may_hold(raw: bytes, wanted: str) -> bool:
    """Return False only if a transcript does not hold a text, whatever its escapes look like."""
    longest = max(re.findall(r"[a-z0-9_]+", wanted), key=len, default="")
    return longest.encode() in raw.lower()


def _hits(document: RunDocument, wanted: str) -> Iterator[tuple[str, str]]:
    for at, text in _pieces(document):
        start = text.lower().find(wanted)
        if start >= 0:
            around = text[max(0, start - AROUND) : start + len(wanted) + 2 * AROUND]
            yield at, f"… {' '.join(around.split())} …"


def _pieces(document: RunDocument) -> Iterator[tuple[str, str]]:
    """Yield the texts of a page: of its head, of each pass without its steps, and of each step."""
    yield "", _words(document.head)
    for one in document.passes:
        if isinstance(one, str):
            continue
        steps = [child for child in one[2:] if isinstance(child, list) and "data-at" in child[1]]
        yield one[1]["data-at"], "\n".join(_words(child) for child in one[2:] if child not in steps)
        for step in steps:
            yield step[1]["data-at"], _words(step)


def _words(node: Node) -> str:
    return node if isinstance(node, str) else "\n".join(map(_words, node[2:]))
