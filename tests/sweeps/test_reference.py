"""The generated reference pages: complete, and true of the code."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from harness.record import Metrics, PassRecord, RunRecord
from harness.transcript import EVENTS
from sweeps.reference import configuration, records, tools
from sweeps.reference.fields import meanings

HARNESS = Path(__file__).resolve().parents[2] / "harness"


def written_events() -> Iterator[tuple[str, set[str]]]:
    """Every event that the code writes to a transcript, with the fields that it names."""
    for path in HARNESS.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(
                    func=ast.Attribute(attr="write", value=source), args=[ast.Constant(value=str(name))], keywords=named
                ) if "transcript" in ast.unparse(source):
                    yield name, {keyword.arg for keyword in named if keyword.arg is not None}


def test_every_event_of_a_transcript_is_documented() -> None:
    """Each with all of its fields, and no event is documented that nothing writes."""
    written = list(written_events())
    assert set(EVENTS) == {name for name, _ in written}
    assert [] == [(name, extra) for name, named in written if (extra := named - set(EVENTS[name].fields))]


@pytest.mark.parametrize("schema", [RunRecord, Metrics, PassRecord])
def test_every_field_of_a_record_has_a_meaning(schema: type[object]) -> None:
    """Reads as a sentence that stands on its own."""
    names = [entry.name for entry in fields(schema) if entry.name != "metrics"]  # type: ignore[arg-type]
    assert [] == [name for name in names if not meanings(schema).get(name, "").endswith(".")]


@pytest.mark.parametrize("page", [configuration.page, records.page, tools.page])
def test_a_page_has_no_empty_cell(page: object) -> None:
    """Every row of every table says something in each column."""
    assert callable(page)
    rows = [line for line in str(page()).splitlines() if line.startswith("|")]
    assert rows and [] == [row for row in rows if any(not cell.strip() for cell in row.strip("|").split(" | "))]
