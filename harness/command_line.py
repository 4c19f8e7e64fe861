"""Command lines: the parser of our own commands, quoting of values, and commands of the config, run without a shell."""

import argparse
import re
import shlex
from functools import lru_cache
from typing import NoReturn

from harness.requirements import ConfigError


class ArgumentReader(argparse.ArgumentParser):
    """Parser of a command's arguments. It answers an error in one line, where the stock parser repeats the usage."""

    def error(self, message: str) -> NoReturn:
        """Exit with code 2."""
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help says more\n")


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
    return f'"{_escaped(text)}"'


PARTS = re.compile(
    r"""(?P<plain>'[^']*'|\\.)"""
    r"""|"(?P<double>(?:\\.|[^"\\])*)\""""
    r"""|(?P<operator>&&|\|\||>>|<<|[|&;<>()`]|\$\w+|\$[({])""",
    re.DOTALL,
)
"""Parts of a command line: text that keeps its characters, and syntax that only a shell interprets."""

EXPANDED = re.compile(r"(?<!\\)(`|\$\w+|\$[({])")
"""Syntax that a shell interprets even between double quotes."""

ASSIGNMENT = re.compile(r"\w+=")


def arguments(line: str, key: str = "task.verify") -> list[str]:
    """The arguments of a command line, its quotes read as a shell reads them. Raises ValueError, with the reason, for
    a line that only a shell could run, and for quotes that do not end. `key` is where the line was configured."""
    return list(_arguments(line, key))


@lru_cache(maxsize=1024)
def _arguments(line: str, key: str) -> tuple[str, ...]:
    """Read the line once: the thousands of configs of a sweep have few commands."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise ValueError(f"a quote in it does not end ({str(error).lower()})") from error
    operator = shell_syntax(line)
    if operator:
        wrapped = f'sh -c "{_escaped(line)}"' if "'" in line else f"sh -c '{line}'"
        raise ValueError(f"{operator} needs a shell, and there is none: type {typed(key, wrapped)}")
    if not words or not words[0]:
        raise ValueError("must be a command, such as go test ./...")
    return tuple(words)


def require_command(key: str, line: str) -> None:
    """Raise ConfigError, in one line, unless the line can be started without a shell."""
    try:
        arguments(line, key)
    except ValueError as error:
        raise ConfigError(f"{key}={line}: {error}") from error


def shell_syntax(line: str) -> str:
    """The first thing in a command line that only a shell acts on; empty if there is none."""
    for part in PARTS.finditer(line):
        inside = EXPANDED.search(part["double"] or "")
        if part["operator"] or inside:
            return str(part["operator"] or (inside and inside[1]))
    assigned = ASSIGNMENT.match(line.strip())
    return assigned[0] if assigned else ""


def _escaped(line: str) -> str:
    return re.sub(r'([\\"$`])', r"\\\1", line)
