"""docs/configuration.md, generated from the schema of the configuration."""

from collections.abc import Iterator
from typing import Any

from sweeps.reference.keys import GROUPS, SECTIONS, choices, keys

HEAD = """\
# Configuration

Every key that `harness` takes, as `key=value`; with `-m`, as `key=value,value`, each value a level of a
factor. `sweep.replicates=7` is the replicates 1 to 7 of each cell. Defaults are those of the schema; a choice of sweep,
model or task sets some of them, and `harness --cfg job` shows what a command line comes to.
"""


def page() -> str:
    """Return the page."""
    parts = [HEAD]
    for title, prefix, schema in SECTIONS:
        parts.append(f"## {title}\n\n" + "\n".join(_table(prefix, schema)) + "\n")
    for group in GROUPS:
        parts.append(f"## Choices of `{group}`\n\n" + "\n".join(_choices(group)) + "\n")
    return "\n".join(parts)


def _table(prefix: str, schema: type[Any]) -> Iterator[str]:
    yield "| key | a value is | default | meaning |"
    yield "|---|---|---|---|"
    for key in keys(prefix, schema):
        default = f"`{key.default}`" if key.default else "empty"
        meaning = key.meaning.replace("|", "\\|")
        yield f"| `{key.name}` | {key.allowed} | {default} | {meaning} |"


def _choices(group: str) -> Iterator[str]:
    for choice in choices(group):
        yield f"- `{group}={choice.name}`: {choice.meaning}"
