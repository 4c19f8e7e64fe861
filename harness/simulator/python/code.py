"""Python code as text."""

import re

FUNCTION = re.compile(r"^( *)(def \w+\([^\n]*:)$", re.MULTILINE)
FUTURE = re.compile(r"^from __future__ import [^\n]*\n", re.MULTILINE)


def hollow(text: str) -> str:
    """Return the code with functions that fail when they are called."""
    return FUNCTION.sub(r"\1\2\n\1    raise NotImplementedError", text)


def begun(prelude: str, text: str) -> str:
    """Return the code with statements that run before all others, as far as the language allows it."""
    future = "".join(FUTURE.findall(text))
    return f"{future}{prelude}\n{FUTURE.sub('', text)}"
