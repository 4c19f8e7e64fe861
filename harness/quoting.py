"""How a value is typed on the command line, so that neither the shell nor Hydra reads something else into it."""

import re
import shlex


def quoted(value: str) -> str:
    """The value as a quoted string of Hydra's grammar, which reads back as just this text."""
    # A backslash counts only before a quote, and one before a dollar keeps OmegaConf from interpolating.
    escaped = re.sub(r'(\\*)("|\Z)', lambda end: end[1] * 2 + '\\"' * (end[2] != ""), value)
    return '"' + escaped.replace("${", "\\${") + '"'


def typed(key: str, value: str) -> str:
    """`key=value` as it is typed in a POSIX shell, for the program to get exactly this value."""
    text = f"{key}={quoted(value)}"
    if "'" not in text or "!" in text:
        return shlex.quote(text)
    return '"' + re.sub(r'([\\"$`])', r"\\\1", text) + '"'
