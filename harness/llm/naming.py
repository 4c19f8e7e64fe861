"""Names of tools, as models write them."""

import re
from collections.abc import Iterable

_PREFIX = re.compile(r"\s*(?:(?:functions?|tools?|default_api|api)[.:/])?", re.IGNORECASE)
_TAIL = re.compile(r"(?::\d+|<\|.*)\s*$", re.DOTALL)
"""What may follow a name: the number of the call, or the markup of a channel that leaked into it."""
_LONGEST = 100
"""Characters of the longest name that is looked at."""


def canonical(written: str, names: Iterable[str]) -> str | None:
    """The tool that is meant: by its name, or by one in another case, with dashes, or with a `functions.` prefix."""
    known = tuple(names)
    if written in known:
        return written
    bare = _TAIL.sub("", written[_PREFIX.match(written).end() :][:_LONGEST])  # type: ignore[union-attr]
    folded = _fold(bare)
    return next((name for name in known if folded and _fold(name) == folded), None)


def _fold(name: str) -> str:
    return name.strip().casefold().replace("-", "").replace("_", "")
