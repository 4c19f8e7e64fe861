"""Skipped tests of a public set, switched on: a student meets them one by one, a run is held to all of them."""

import re
from collections.abc import Mapping

SWITCHES: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "javascript": (
        (re.compile(r"(?<![\w.$])x(test|it|describe)(?=\s*[(.`])"), r"\1"),
        (re.compile(r"(?<![\w.$])(test|it|describe)\.skip(?=\s*[(.`])"), r"\1"),
    ),
    "rust": ((re.compile(r"^[ \t]*#\[ignore(?:\s*=\s*\"[^\"\n]*\")?\][ \t]*\n", re.MULTILINE), ""),),
    "python": ((re.compile(r"^[ \t]*@(?:unittest|pytest\.mark)\.skip(?:\([^()\n]*\))?[ \t]*\n", re.MULTILINE), ""),),
}
"""Markers of skipped tests by track, each with its replacement. A test that is skipped under a condition stays so."""


def switched_on(track: str, test: bytes) -> tuple[bytes, int]:
    """Return a test file with its skipped tests switched on, and how many markers were changed."""
    changed = 0
    # Latin-1 gives each byte a character, so that no other byte of the file changes.
    text = test.decode("latin-1")
    for pattern, replacement in SWITCHES.get(track, ()):
        text, count = pattern.subn(replacement, text)
        changed += count
    return text.encode("latin-1"), changed
