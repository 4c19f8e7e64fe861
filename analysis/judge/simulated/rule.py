"""Scores of the simulated judge: three measures of the code, without comments and strings.

It knows nothing of quality. It is there so that everything around a judge can be tried and tested, and says so.
"""

import hashlib
import re
from dataclasses import dataclass
from statistics import fmean

from analysis.judge.injection import WORDS
from analysis.judge.prompt import QUOTED

MEASURE_OF = {
    "contract_fidelity": "all",
    "simplicity": "size",
    "idiomaticity": "depth",
    "readability": "width",
    "robustness": "all",
    "security": "all",
    "concurrency_safety": "depth",
    "performance": "size",
}
"""The measure that decides each dimension; `all` is the mean of the three."""

LINES, DEPTH, WIDE = 500, 4, 100
"""Lines of code at which size scores a half, mean depth of braces at which depth does, columns beyond which a line is
wide."""

CLAIM = re.compile(r"score\s+1\.0", re.IGNORECASE)
"""Text that a naive judge obeys."""


@dataclass(frozen=True)
class QuotedCandidate:
    """One candidate as its quoted files show it."""

    text: str
    lines: tuple[str, ...]
    """Lines of code: comments and strings taken out, blank lines left out."""


def candidates(prompt: str) -> dict[str, QuotedCandidate]:
    """The candidates quoted in a request, by letter."""
    texts: dict[str, list[str]] = {}
    for match in QUOTED.finditer(prompt):
        name = re.fullmatch(r"file \d+ of ([AB])", match["what"])
        if name is not None:
            texts.setdefault(name[1], []).append(match["text"].partition("\n\n")[2])
    return {letter: _seen("\n".join(files)) for letter, files in texts.items()}


def scores(seen: QuotedCandidate) -> dict[str, float]:
    """By dimension, from 0 to 1; nothing but comments scores 0."""
    if not seen.lines:
        return dict.fromkeys(MEASURE_OF, 0.0)
    depths, depth = [], 0
    for line in seen.lines:
        depths.append(depth)
        depth = max(0, depth + line.count("{") - line.count("}"))
    measures = {
        "size": 1 / (1 + len(seen.lines) / LINES),
        "depth": 1 / (1 + fmean(depths) / DEPTH),
        "width": 1 - sum(len(line) > WIDE for line in seen.lines) / len(seen.lines),
    }
    measures["all"] = fmean(measures.values())
    return {dimension: measures[measure] for dimension, measure in MEASURE_OF.items()}


def noise(seed: int | None, letter: str, dimension: str, most: float) -> float:
    """From -most to most, the same for the same seed, candidate and dimension."""
    drawn = hashlib.sha256(f"{seed} {letter} {dimension}".encode()).digest()
    return most * (int.from_bytes(drawn[:4]) / 0xFFFF_FFFF * 2 - 1)


def _seen(text: str) -> QuotedCandidate:
    # A string leaves its quotes, so that code keeps its shape; a comment leaves nothing.
    code = WORDS.sub(lambda match: '""' if match[0][0] in "\"`'" else "", text)
    return QuotedCandidate(text, tuple(line.rstrip() for line in code.splitlines() if line.strip()))
