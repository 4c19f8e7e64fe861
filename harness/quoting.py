"""Quoting of values for the command line, so that neither the shell nor Hydra changes them."""

import re
import shlex


def quoted(value: str) -> str:
    """Return the value as a quoted string of Hydra's grammar."""
    # A backslash counts only before a quote, and one before a dollar keeps OmegaConf from interpolating.
    escaped = re.sub(r'(\\*)("|\Z)', lambda end: end[1] * 2 + '\\"' * (end[2] != ""), value)
    return '"' + escaped.replace("${", "\\${") + '"'


def typed(key: str, value: str) -> str:
    """Return `key=value` as it is typed in a POSIX shell."""
    text = f"{key}={quoted(value)}"
    if "'" not in text or "!" in text:
        return shlex.quote(text)
    return '"' + re.sub(r'([\\"$`])', r"\\\1", text) + '"'
