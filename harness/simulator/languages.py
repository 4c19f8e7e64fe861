"""The languages that simulated subjects write."""

from collections.abc import Collection

from harness.simulator.go.language import GO
from harness.simulator.language import Language
from harness.simulator.python.language import PYTHON

LANGUAGES: tuple[Language, ...] = (GO, PYTHON)


def language_of(tools: Collection[str]) -> Language:
    """Return the language whose tool is offered; Go if none is."""
    return next((language for language in LANGUAGES if language.tool in tools), GO)
