"""One finding of a rule."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Flag:
    """One thing to know before a figure is believed."""

    kind: str
    about: str
    text: str
