"""Model names compared: a judge never judges its own work, nor that of a requantised copy of itself."""

import re
import unicodedata

from analysis.judge.record import CandidateRole

SUFFIX = re.compile(
    r"[-_.:@ ](?:"
    r"[iot]?q\d+(?:_(?:[01ksmlnx]|x+[sl]|nl)+)*"  # Q4_K_M, IQ3_XXS, oQ6, q8_0
    r"|w\d+a\d+|\d+[-_]?bits?|int\d+|(?:mx|nv)?fp\d+(?:_?e\dm\d)?|bf16|f16|f32"
    r"|gguf|mlx|awq|gptq|exl[23]|dwq|ud|mtp|latest"
    r"|20\d{6}"  # the day of a release
    r")$"
)
"""Suffixes of names for the storage format of weights, and for the release date."""


def normalised(name: str) -> str:
    """A model's name without what tells no model apart: case, path before the last slash, how weights are stored.

    `mlx-community/Qwen3.6-35B-A3B-oQ4-fp16-mtp` and `qwen3.6-35b-a3b:Q8_0.gguf` are both `qwen3.6-35b-a3b`.
    """
    text = unicodedata.normalize("NFKC", name).casefold().strip()
    text = re.split(r"[/\\]", text.rstrip("/\\"))[-1]
    while (shorter := SUFFIX.sub("", text)) != text and shorter:
        text = shorter
    return re.sub(r"[-_: ]+", "-", text)


def own_work(judge: str, authors: dict[CandidateRole, str]) -> str:
    """Why the judge may not judge the work of these authors, in one line; empty if it may."""
    for role, author in authors.items():
        if normalised(judge) == normalised(author):
            return f"the judge {judge} wrote the {role} itself ({author}): the judge must be another model"
    return ""
