"""docs/analysis.md, generated from the commands themselves: each with its options and their meaning."""

import inspect
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

SHARED = ("--runs", "--where", "--json", "--csv", "--markdown")
"""Options that most commands take, which the head of the page explains once."""

SHORT = ("doctor", "judge")
"""Commands that `harness` takes without the word `analysis` too."""

HEAD = """\
# Analysis

Every command reads one or more ledgers and prints a table; nothing is ever changed in a ledger, except by `doctor
--repair`, which only adds lines. `harness analysis COMMAND --help` says the same. `harness doctor` and `harness judge`
are the same as `harness analysis doctor` and `harness analysis judge`.

Options of most commands:

- `--runs FILE`: a ledger; may be given several times. Default: `outputs/runs.jsonl`.
- `--where column=value[,value]`: only these runs; may be given several times.
- `--json`, `--csv`, `--markdown`: the form of the answer, unrounded in the first two.

A question that cannot be answered is one line and exit code 2. Simulated and real runs are never pooled, and faults and
interruptions are counted apart from results. What each figure means: [statistics](statistics.md). For notebooks there
are [data frames](frames.md).

## Large ledgers

The first question to a ledger of 32 MB or more (some 30,000 lines) also writes a columnar copy: Parquet files in the
folder `.columns` beside the ledger, about 3% of its size. Later questions that count runs, and `load` and `drift`, read
the copy and the lines after it. Questions about each run (`runs`, `cost`, `time`, `plots`), about fields that the copy
does not hold, and about ledgers that hold a run twice, read the ledger.

The ledger stays the truth. Before each question its size, times and place on the disk are compared with those that the
copy was made from; if any differs, a checksum over all bytes that were copied is computed. A copy that does not match,
is damaged or was made by another version is made anew, and lines that were added are added to it. Where it cannot be
written, the ledger is read. Git ignores the folder. It can be deleted at any time; an empty file named `.columns` in
its place keeps copies away.
"""


PAGES = {"judge": " See [judge.md](judge.md)."}
"""Sentences that lead to the page of a group of commands."""


def page(group: Any) -> str:
    """Return the page of a Click group, its groups within included."""
    return "\n".join([HEAD, *_commands(group, "harness analysis")])


def drift_of(page: str, path: Path, command: str = "study") -> str | None:
    """None if the file holds just this page; otherwise one line on where it drifted."""
    try:
        there = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return f"{path} is missing"
    pairs = zip_longest(there.splitlines(), page.splitlines())
    drifted = next((number for number, (old, new) in enumerate(pairs, start=1) if old != new), None)
    return f"{path}, line {drifted}: out of date; `analysis {command} --out {path}` writes it anew" if drifted else None


def _commands(group: Any, called: str, level: str = "##") -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            more = PAGES.get(name, "")
            yield f"## {name.capitalize()}\n\n{_text(command.help)}{more}\n"
            yield from _commands(command, f"{'harness' if name in SHORT else called} {name}", "###")
        else:
            yield f"{level} `{'harness' if name in SHORT else called} {name}`\n\n{_text(command.help)}\n"
            rows = [_row(parameter) for parameter in command.params if not _is_shared(parameter)]
            if rows:
                yield "| option | default | meaning |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _is_shared(parameter: Any) -> bool:
    """Return whether the head of the page explains it: not `--runs` where it means no ledger by default."""
    return parameter.opts[0] in SHARED and (parameter.opts[0] != "--runs" or bool(parameter.default))


def _row(parameter: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    name = parameter.opts[0].upper() if is_argument else ", ".join(parameter.opts)
    return f"| `{name}` | {_default(parameter)} | {_text(parameter.help).replace('|', '/')} |"


def _default(parameter: Any) -> str:
    value = parameter.default
    if parameter.required:
        return "required"
    if value is None or value is False or value in ("", [], ()):
        return "–"
    values = value if isinstance(value, list | tuple) else [value]
    return "`" + " ".join(one.as_posix() if isinstance(one, Path) else str(one) for one in values) + "`"


def _text(text: str | None) -> str:
    return " ".join(inspect.cleandoc(text or "").split())
