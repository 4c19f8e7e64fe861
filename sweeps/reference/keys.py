"""Every key and choice of the configuration, with what is allowed and what it means: the pages are made of these."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from harness.config import (
    AgentConfig,
    KitConfig,
    ModelConfig,
    RunConfig,
    ServerConfig,
    TaskConfig,
    ToolchainConfig,
)
from harness.installation import data_folder
from harness.limits import CommandLimits
from harness.requirements import ConfigError
from sweeps.reference.fields import meanings
from sweeps.schema import SweepConfig, leaves, type_name

SECTIONS = (
    ("A run", "", RunConfig),
    ("The model", "model.", ModelConfig),
    ("The task", "task.", TaskConfig),
    ("A generated task", "kit.", KitConfig),
    ("The server", "server.", ServerConfig),
    ("The toolchain", "toolchain.", ToolchainConfig),
    ("The agent", "agent.", AgentConfig),
    ("Limits of a command", "limits.", CommandLimits),
    ("The sweep", "sweep.", SweepConfig),
)

GROUPS = ("task", "model", "agent", "server", "toolchain", "sweep")

FAR = -(10**9)
"""A number that no key with a range allows, so that its own error message names the range."""

VALID: dict[type[Any], dict[str, Any]] = {
    RunConfig: {"model": ModelConfig(name="x"), "task": TaskConfig(name="x")},
    ModelConfig: {"name": "x"},
    TaskConfig: {"name": "x"},
}
"""Values without which a section cannot be made at all."""


@dataclass(frozen=True)
class ConfigKey:
    """A key of the configuration."""

    name: str
    allowed: str
    """Its type and range, in words."""
    default: str
    """As it is typed; empty text is empty."""
    meaning: str


@dataclass(frozen=True)
class GroupChoice:
    """A file of a group: `group=name`."""

    group: str
    name: str
    meaning: str


def keys(prefix: str, schema: type[Any]) -> Iterator[ConfigKey]:
    """The keys of one section, in the order of declaration."""
    said = meanings(schema)
    for entry in fields(schema):
        name = prefix + entry.name
        kind = leaves().get(name)
        if kind is not None:
            limits = _range(schema, entry.name, kind)
            allowed = f"{type_name(kind)}: {limits}" if limits else type_name(kind)
            yield ConfigKey(name, allowed, _default(entry), said[entry.name])


def choices(group: str, own: Path | None = None) -> Iterator[GroupChoice]:
    """The choices of a group, with those under a `--config-dir` of the user's own."""
    for folder in (data_folder("conf"), *([own] if own else [])):
        for file in sorted((folder / group).glob("*.yaml")):
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            comment = " ".join(line.removeprefix("#").strip() for line in lines if re.match("# (?!@)", line))
            yield GroupChoice(group, file.stem, comment)


def default_choices() -> dict[str, str | None]:
    """The choice of each group that is made where the command line makes none."""
    entries = yaml.safe_load((data_folder("conf") / "config.yaml").read_text(encoding="utf-8"))["defaults"]
    return {group: choice for entry in entries if isinstance(entry, dict) for group, choice in entry.items()}


def _range(schema: type[Any], field: str, kind: Any) -> str:
    """The range of a number, as the error about a value outside of it tells; empty without one."""
    if not {int, float} & {kind, *getattr(kind, "__args__", ())}:
        return ""
    try:
        schema(**VALID.get(schema, {}) | {field: FAR})
    except ConfigError as error:
        return str(error).partition(": must be ")[2]
    return ""


def _default(entry: Field[Any]) -> str:
    value = entry.default
    if value is MISSING or value == "":
        return ""
    return str(getattr(value, "value", "null" if value is None else str(value).lower()))
