"""The reference of the configuration, made of the strings under the fields: `python -m sweeps.reference [--check]`."""

import argparse
import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

from harness.config import ModelConfig, RunConfig, ServerConfig, TaskConfig
from harness.limits import CommandLimits
from harness.packed import packed
from sweeps.schema import SweepConfig, leaves, type_name

PAGE = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"

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
    """The whole page."""
    parts = [HEAD]
    for title, prefix, schema in SECTIONS:
        parts.append(f"## {title}\n\n" + "\n".join(_table(prefix, schema)) + "\n")
    for group in ("sweep", "task", "model", "server"):
        parts.append(f"## Choices of `{group}`\n\n" + "\n".join(_choices(group)) + "\n")
    return "\n".join(parts)


def meanings(schema: type[Any]) -> dict[str, str]:
    """The string under each field of a dataclass, on one line."""
    [body] = [node.body for node in ast.parse(inspect.getsource(schema)).body if isinstance(node, ast.ClassDef)]
    found = {}
    for entry, text in pairwise(body):
        if isinstance(entry, ast.AnnAssign) and isinstance(entry.target, ast.Name):
            match text:
                case ast.Expr(value=ast.Constant(value=str(words))):
                    found[entry.target.id] = " ".join(words.split())
    return found


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


def main() -> None:
    """Write the page, or with --check fail if it is not what would be written."""
    parser = argparse.ArgumentParser(prog="python -m sweeps.reference", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 if the page is out of date")
    if not parser.parse_args().check:
        PAGE.write_text(page(), encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page():
        sys.exit(f"{PAGE.name} is out of date: run python -m sweeps.reference")


if __name__ == "__main__":
    main()
