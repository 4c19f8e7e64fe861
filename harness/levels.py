"""One spelling for the levels of factors, for sweeps that declare them and tables that show them."""

import re

_DECIMAL = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+(\.\d*)?[eE][+-]?\d+)")


def level_text(level: object) -> str:
    """Return the canonical text of a level: `true`, `0.6`, `1` for 1.0, text as it is.

    A level arrives as a value (from a record) or as text (from a command line, where Hydra writes `True`). Both spell
    alike here. The text is for display: runs are matched by their cells.
    """
    if isinstance(level, bool) or level in ("True", "False"):
        return str(level).lower()
    if isinstance(level, str) and _DECIMAL.fullmatch(level):
        level = float(level)
    return repr(level).removesuffix(".0") if isinstance(level, float) else str(level)
