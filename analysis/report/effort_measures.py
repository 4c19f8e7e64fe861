"""Measures of effort that `analysis time` counts, and readings of a run that stagnated."""

from enum import StrEnum


class Measure(StrEnum):
    """Effort that is counted."""

    PASSES = "passes"
    TOKENS = "tokens"
    SECONDS = "seconds"


class Stagnated(StrEnum):
    """Reading of a run that stagnated."""

    CENSORED = "censored"
    NEVER = "never"
