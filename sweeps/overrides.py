"""Command-line overrides for Hydra: text stays as it was typed, and errors are explained."""

import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import yaml
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override, QuotedString
from hydra.errors import HydraException

from harness.command_line import arguments, quoted, typed
from harness.config import ConfigError
from harness.installation import data_folder
from sweeps.schema import CHOSEN, NAMED, leaves, type_name, unknown_key

GROUPS = ("task", "model", "agent", "server", "toolchain", "sweep", "hydra/launcher", "hydra/sweeper")
"""Names of choices of files."""

KEY = "task"
"""The choice of a task, which takes globs and lists of names too."""

LIST = "@"
"""First character of a level that is the path of a file of names."""

GRAMMAR = "'\"[]{}()\\"
"""Characters that only somebody who knows Hydra's grammar writes into a value that Hydra can read."""

NAMED_LEVEL = re.compile(r"server\.[A-Za-z_]\w*")
"""A key of the server that is none of its fields: a factor whose levels the file of the server names."""

JUDGE = (
    "the rubric belongs to the judge, which looks at runs that are made: "
    "harness judge run --rubric v3 --model NAME --endpoint URL"
)


def readable(overrides: Iterable[str], config_dir: str | None = None) -> list[str]:
    """The same overrides as Hydra must get them: text that looks like a number, a switch or null is quoted.

    Raises ConfigError, with what to type instead, for what Hydra could not read.
    """
    return [_readable(_unabbreviated(text, config_dir)) for text in overrides]


def parse(text: str) -> Override:
    """One override as Hydra reads it. Raises ConfigError, with what to type instead, for what it cannot read."""
    try:
        return _parser().parse_override(text)
    except HydraException as error:
        raise ConfigError(_unreadable(text)) from error


def is_pattern(level: str) -> bool:
    """Return whether a level of `task` is a glob."""
    return any(mark in level for mark in "*?[")


def levels_of_task(text: str) -> list[str] | None:
    """Return the levels that an override gives to `task`; None for any other override, or one that Hydra expands."""
    key, _, value = text.partition("=")
    if key != KEY:
        return None
    if not set(GRAMMAR) - set("[]") & set(value):
        return [level.strip() for level in value.split(",") if level.strip()]
    override = parse(text)
    listed = override.value()
    elements = listed.list if isinstance(listed, ChoiceSweep) else [] if override.is_sweep_override() else [listed]
    return [element.text if isinstance(element, QuotedString) else str(element) for element in elements]


def _unabbreviated(text: str, config_dir: str | None) -> str:
    """Return `kv=…` as `server.kv=…`, where some server has named levels of that factor."""
    key = text.partition("=")[0]
    if not key.isidentifier() or key in leaves() or key in (*GROUPS, "hydra", "judge"):
        return text
    return f"server.{text}" if key in _level_factors(config_dir) else text


@cache
def _level_factors(config_dir: str | None) -> frozenset[str]:
    """Return the factors of which the servers that can be chosen have named levels. A broken file has none here."""
    factors: set[str] = set()
    for root in (data_folder("conf"), *([Path(config_dir)] if config_dir else [])):
        for file in (root / "server").glob("*.yaml"):
            with suppress(OSError, ValueError, yaml.YAMLError):
                content = yaml.safe_load(file.read_text(encoding="utf-8"))
                levels = content.get("levels") if isinstance(content, dict) else None
                factors |= {str(name) for name in levels} if isinstance(levels, dict) else set()
    return frozenset(factors)


def _readable(text: str) -> str:
    key, equals, value = text.partition("=")
    name = key.lstrip("+~")
    if NAMED_LEVEL.fullmatch(name) and name not in leaves() and name not in NAMED:
        return f"++{CHOSEN}{name.removeprefix('server.')}={_as_text(name, value)}"
    if name == "judge" or name.startswith("judge."):
        raise ConfigError(f"{text}: {JUDGE}")
    if not name or not (equals or key.startswith("~")):
        raise ConfigError(f"{text}: must be of the form key=value")
    if (
        key == KEY
        and (levels := levels_of_task(text))
        and any(level[:1] == LIST or is_pattern(level) for level in levels)
    ):
        # As an explicit choice, so that Hydra takes a single glob for a sweep too, and looks for no file of its name.
        return f"{KEY}=choice({','.join(map(quoted, levels))})"
    if name in GROUPS:
        return f"{key}={_as_text(name, value)}" if equals and not set(GRAMMAR) & set(value) else text
    if leaves().get(name) is str and not set(GRAMMAR) & set(value) and _reads(text):
        return f"{key}={_as_text(name, value)}"
    override = parse(text)
    if leaves().get(name) is str and isinstance(override.value(), list | dict):
        raise ConfigError(f"{text}: must be text; type {typed(key, value)}")
    return text


def _as_text(key: str, value: str) -> str:
    """The levels of a value, each quoted that Hydra would read as anything but the text that it is."""
    return ",".join(part if _is_text(key, part) else quoted(part.strip()) for part in value.split(","))


def _is_text(key: str, level: str) -> bool:
    """Return whether Hydra reads the level as text; a group's is not looked up here."""
    text = f"{key}={level}"
    return not level.strip() or (_reads(text) and isinstance(_parser().parse_override(text).value(), str))


def _reads(text: str) -> bool:
    try:
        _parser().parse_override(text)
    except HydraException:
        return False
    return True


def _unreadable(text: str) -> str:
    key, _, value = text.partition("=")
    name = key.lstrip("+~")
    kind = leaves().get(name)
    if kind is not None and kind is not str:
        return f"{text}: must be {type_name(kind)}"
    if kind is None and not name.startswith("hydra"):
        return unknown_key(name)
    if name == "task.verify":
        try:
            arguments(value)
        except ValueError as error:
            return f"{text}: {error}"
    return f"{text}: needs quotes; type {typed(key, value)}"


@cache
def _parser() -> OverridesParser:
    return OverridesParser.create()
