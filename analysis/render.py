"""Reports as people and programs read them: plain, Markdown, CSV and JSON, all made of the same rows."""

import csv
import io
import json
import math
import re
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from analysis.csv_text import csv_text

MISSING = "–"
WIDTH = 110
"""Characters that a plain table tries to keep to."""
PROSE = 40
"""Characters of prose below which folding does not go."""


class OutputFormat(StrEnum):
    """Output format of a report."""

    PLAIN = "plain"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True)
class Column:
    """One column: the key of its values, its heading, and what kind of value it shows."""

    key: str
    heading: str
    kind: str = "count"
    data: bool = False
    """Only for programs: in CSV and JSON, and in no table that people read."""


def level_columns(factors: Iterable[str]) -> list[Column]:
    """Columns of the levels that tell rows apart."""
    return [Column(name, name, "level") for name in factors]


def interval_columns(key: str, heading: str, kind: str) -> list[Column]:
    """Columns of an estimate and of its 95% interval."""
    return [Column(key, heading, kind), Column(f"{key}_interval", "95%", kind)]


@dataclass
class Table:
    """Rows of plain values, and what must be said of them."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[dict[str, Any]]
    notes: Sequence[str] = ()

    @property
    def shown(self) -> list[Column]:
        """The columns that people read."""
        return [column for column in self.columns if not column.data]


@dataclass
class CommandReport:
    """The output of one command."""

    head: list[str] = field(default_factory=list)
    """Said first, before any number."""
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    exit_code: int = 0
    """With which the command ends once the report is written."""

    def text(self, form: OutputFormat) -> str:
        """The whole report in one form, without a final newline."""
        return {
            OutputFormat.PLAIN: _plain,
            OutputFormat.MARKDOWN: _markdown,
            OutputFormat.CSV: _csv,
            OutputFormat.JSON: _json,
        }[form](self)


@dataclass
class Page(CommandReport):
    """A report that people read as a page of its own."""

    page: str = ""

    def text(self, form: OutputFormat) -> str:
        """The page, or as data the tables that it is made of."""
        return super().text(form) if form in (OutputFormat.CSV, OutputFormat.JSON) else self.page.rstrip("\n")


def show(value: Any, kind: str = "level") -> str:
    """One value as text. Kinds: level, count, rate, gap, p, ratio, number, text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return MISSING
    if isinstance(value, bool):
        return "yes" if value and kind == "flag" else "no" if kind == "flag" else str(value).lower()
    if isinstance(value, tuple):
        return "[" + ", ".join(show(bound, kind) for bound in value) + "]"
    return _NUMBERS[kind](value) if isinstance(value, int | float) else str(value)


def printable(value: Any, *, tabs: bool = False) -> str:
    """Return a text that a model or a server wrote, safe to show: control characters, marks of direction and the like
    are escaped."""
    text = str(value)
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or (tabs and one == "\t") else one.encode("unicode_escape", "replace").decode()
        for one in text
    )


def _rate(value: float) -> str:
    return f"{value:.2f}" if round(value, 2) else "0.00"


def _p(value: float) -> str:
    """Two significant digits of what is small, and never a rounded zero."""
    if value < 1e-4:
        return "<.0001"
    return f"{value:.3f}" if value >= 0.0095 else f"{value:.4f}"


def _ratio(value: float) -> str:
    if math.isinf(value):
        return "∞"
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


_DECIMAL = re.compile(r"[+-]?(\d+\.\d*|\.\d+|\d+(\.\d*)?[eE][+-]?\d+)")


def level_text(level: object) -> str:
    """Return the canonical text of a level for display: `true`, `0.6`, `1` for 1.0, text as it is.

    A level is a value (from a record) or text (from a command line, where Hydra writes `True`); both give the same
    text. Runs are matched by their cells, never by this text.
    """
    if isinstance(level, bool) or level in ("True", "False"):
        return str(level).lower()
    if isinstance(level, str) and _DECIMAL.fullmatch(level):
        level = float(level)
    return repr(level).removesuffix(".0") if isinstance(level, float) else str(level)


_NUMBERS: dict[str, Callable[[float], str]] = {
    "level": level_text,
    "count": lambda value: f"{value:,}" if isinstance(value, int) else f"{value:,.1f}",
    "rate": _rate,
    "gap": lambda value: f"{value:+.3f}" if round(value, 3) else "0.000",
    "p": _p,
    "ratio": _ratio,
    "number": lambda value: f"{value:,.1f}",
    "text": str,
}


def _cells(table: Table) -> list[list[str]]:
    return [[printable(show(row.get(column.key), column.kind)) for column in table.shown] for row in table.rows]


def _plain(report: CommandReport) -> str:
    parts = [_plain_table(table) for table in report.tables]
    return "\n\n".join(
        ["\n".join(report.head)] * bool(report.head) + parts + ["\n".join(report.notes)] * bool(report.notes)
    )


def _plain_table(table: Table) -> str:
    lines = _folded([[column.heading for column in table.shown], *_cells(table)], table.shown[-1:])
    widths = [max(len(line[place]) for line in lines) for place in range(len(table.shown))]
    left = [column.kind in ("level", "text") for column in table.shown]
    rows = [
        "  ".join(
            cell.ljust(width) if is_left else cell.rjust(width)
            for cell, width, is_left in zip(line, widths, left, strict=True)
        ).rstrip()
        for line in lines
    ]
    rule = "─" * max(map(len, rows))
    body = [rows[0], rule, *(rows[1:] or ["(no runs)"])]
    return "\n".join([table.title, "", *body, *table.notes])


def _folded(lines: list[list[str]], last: Sequence[Column]) -> list[list[str]]:
    """Long prose in the last column, continued on lines of its own so that a table stays readable."""
    if not last or last[0].kind != "text" or not lines:
        return lines
    before = sum(max(len(line[place]) for line in lines) + 2 for place in range(len(lines[0]) - 1))
    room = max(PROSE, WIDTH - before)
    folded = []
    for line in lines:
        first, *more = textwrap.wrap(line[-1], room, break_on_hyphens=False) or [""]
        folded.append([*line[:-1], first])
        folded += [[""] * (len(line) - 1) + [rest] for rest in more]
    return folded


def _markdown(report: CommandReport) -> str:
    parts = ["\n".join(f"> **{line}**" for line in report.head)] * bool(report.head)
    for table in report.tables:
        parts.append(f"**{table.title}**\n\n{markdown_table(table)}")
        parts += ["\n".join(f"- {note}" for note in table.notes)] * bool(table.notes)
    parts += ["\n".join(f"- {note}" for note in report.notes)] * bool(report.notes)
    return "\n\n".join(parts)


def markdown_table(table: Table) -> str:
    """The rows alone, as a pipe table."""
    aligned = ["---" if column.kind in ("level", "text") else "---:" for column in table.shown]
    lines = [[column.heading for column in table.shown], aligned, *_cells(table)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _csv(report: CommandReport) -> str:
    """All tables one below the other, values unrounded, one column a bound, the table's name in the first column."""
    tables = [(table, [_bounds_apart(row) for row in table.rows], _csv_columns(table)) for table in report.tables]
    columns = list(dict.fromkeys(key for _, _, keys in tables for key in keys))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["table", *columns])
    for table, rows, keys in tables:
        for row in rows:
            writer.writerow([table.name, *(_csv_value(row.get(key)) if key in keys else "" for key in columns)])
    return out.getvalue().rstrip("\n")


def _csv_columns(table: Table) -> list[str]:
    """Keys of a table's columns; an interval has two."""
    intervals = {
        key for row in table.rows for key, value in row.items() if isinstance(value, tuple) and len(value) == 2
    }
    return [
        name
        for column in table.columns
        for name in ([f"{column.key}_low", f"{column.key}_high"] if column.key in intervals else [column.key])
    ]


def _bounds_apart(row: dict[str, Any]) -> dict[str, Any]:
    bounds = {key: value for key, value in row.items() if isinstance(value, tuple) and len(value) == 2}
    apart = {
        f"{key}_{end}": bound for key, pair in bounds.items() for end, bound in zip(("low", "high"), pair, strict=True)
    }
    return {key: value for key, value in row.items() if key not in bounds} | apart


def _csv_value(value: Any) -> Any:
    if isinstance(value, tuple | list):
        value = " ".join(str(part) for part in value)
    if isinstance(value, str):
        return csv_text(value)
    return str(value).lower() if isinstance(value, bool) else value


def _json(report: CommandReport) -> str:
    tables = {
        table.name: {
            "title": table.title,
            "rows": [_json_row(table, row) for row in table.rows],
            "notes": [*table.notes],
        }
        for table in report.tables
    }
    return json.dumps({"head": report.head, "tables": tables, "notes": report.notes}, ensure_ascii=False, indent=1)


def _json_row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {column.key: _json_value(row.get(column.key)) for column in table.columns}


def _json_value(value: Any) -> Any:
    """JSON has no infinity and no NaN: the one is written as text, the other as null."""
    if isinstance(value, tuple):
        return [_json_value(bound) for bound in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return str(value) if isinstance(value, float) and math.isinf(value) else value
