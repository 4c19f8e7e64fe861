"""docs/configuration.md, generated from the schema of the configuration."""

import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from harness.config import ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.limits import CommandLimits
from harness.packed import packed
from sweeps.reference.fields import meanings
from sweeps.schema import SweepConfig, leaves, type_name

SECTIONS = (
    ("A run", "", RunConfig),
    ("The model", "model.", ModelConfig),
    ("The task", "task.", TaskConfig),
    ("The server", "server.", ServerConfig),
    ("Limits of a command", "limits.", CommandLimits),
    ("The sweep", "sweep.", SweepConfig),
)

HEAD = """\
# Configuration

Every key that `python -m harness` takes, as `key=value`; with `-m`, as `key=value,value`, each value a level of a
factor. `sweep.replicates=7` is the replicates 1 to 7 of each cell. Defaults are those of the schema; a choice of sweep,
model or task sets some of them, and `python -m harness --cfg job` shows what a command line comes to.
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for title, prefix, schema in SECTIONS:
        parts.append(f"## {title}\n\n" + "\n".join(_table(prefix, schema)) + "\n")
    for group in ("sweep", "task", "model", "server"):
        parts.append(f"## Choices of `{group}`\n\n" + "\n".join(_choices(group)) + "\n")
    return "\n".join(parts)


def _table(prefix: str, schema: type[Any]) -> Iterator[str]:
    yield "| key | a value is | default | meaning |"
    yield "|---|---|---|---|"
    said = meanings(schema)
    for entry in fields(schema):
        kind = leaves().get(prefix + entry.name)
        if kind is not None:
            meaning = said[entry.name].replace("|", "\\|")
            yield f"| `{prefix}{entry.name}` | {type_name(kind)} | {_default(entry)} | {meaning} |"


def _default(entry: Field[Any]) -> str:
    value = entry.default
    if value is MISSING or value == "":
        return "empty"
    return f"`{getattr(value, 'value', 'null' if value is None else str(value).lower())}`"


def _choices(group: str) -> Iterator[str]:
    for file in sorted((packed("conf") / group).glob("*.yaml")):
        lines = file.read_text(encoding="utf-8").splitlines()
        comment = " ".join(line.removeprefix("#").strip() for line in lines if re.match("# (?!@)", line))
        yield f"- `{group}={file.stem}`: {comment}"
