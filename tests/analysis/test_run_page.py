"""Pages of runs from records and transcripts of any kind: whole, torn, odd, hostile."""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from ledger_lines import WriteLedger, line
from stored_runs import FIRST, HOSTILE, OPEN, SECOND, events, hostile_line, run_line, store

from analysis.pages.file_changes import FileTexts, difference
from analysis.pages.full_text import search
from analysis.pages.library import RunLibrary
from analysis.pages.nodes import Node, html
from analysis.pages.rows import RunRow, identity
from analysis.pages.run_page import run_document
from analysis.records.transcripts import StoredRun, read_transcript
from harness.outputs import RunFolder
from harness.transcript import EVENTS


def words(node: Node) -> str:
    """All texts of a page."""
    return node if isinstance(node, str) else "\n".join(words(child) for child in node[2:])


def page_words(library: RunLibrary, run_id: str) -> str:
    document = library.document(run_id)
    return "\n".join(map(words, [document.head, *document.passes]))


@pytest.fixture
def ledger(write_ledger: WriteLedger) -> Path:
    """Two runs, of which the first has a transcript."""
    path = write_ledger(run_line(FIRST), run_line(SECOND, outcome="completed", pass_reasons=["completed"]))
    store(path, FIRST, events())
    return path


def test_a_page_says_why_a_run_stagnated(ledger: Path) -> None:
    """The reason, the numbers of each pass, the texts of each step, verdicts, prompts, and what acceptance rests on."""
    shown = page_words(RunLibrary([ledger]), FIRST)
    for said in (
        "the last 2 passes changed nothing; a never written",
        "ended because the model made no further call; 2 calls; up to 9,001 tokens; 0 loads and 1 act; changed files; "
        "1 of 2 packages passing",
        "The gate refused. Passing: b.",
        "thinking of a.go",
        "be good",
        "line 39 thinking of a.go",
        "tokens: each test of the spec shows a secret",
    ):
        assert said in shown


def test_a_pass_shows_what_it_changed(tmp_path: Path) -> None:
    """A file that is written is compared with its text before; an edit of an unknown file is its passages alone."""
    made = [
        ("write_file", {"path": "a.go", "content": "one\ntwo\n"}, "wrote 8 bytes to a.go"),
        (
            "edit_file",
            {"path": "./a.go", "old_string": "two", "new_string": "three"},
            "edited ./a.go: 1 passage replaced",
        ),
        ("edit_file", {"path": "b.go", "old_string": "x", "new_string": "y"}, "edited b.go: 1 passage replaced"),
        ("write_file", {"path": "c_test.go", "content": "z"}, "error: c_test.go is part of the spec"),
        ("move_file", {"path": "a.go", "new_path": "d.go"}, "moved a.go to d.go"),
        ("delete_file", {"path": "d.go"}, "deleted d.go"),
    ]
    told: list[dict[str, Any]] = []
    for number, (name, arguments, result) in enumerate(made, start=1):
        call = {"id": "c", "name": name, "arguments": json.dumps(arguments)}
        told += [
            {"event": "pass_started", "number": number},
            {"event": "reply", "step": 1, "tool_calls": [call]},
            {"event": "tool", "id": "c", "name": name, "result": result},
        ]
    path = tmp_path / "transcript.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in told))
    transcript = read_transcript(path)
    assert transcript is not None
    texts = FileTexts()
    changed = [texts.changes(one) for one in transcript.passes]
    assert [1, 1, 1, 0, 2, 1] == [len(files) for files in changed]
    assert ["moved to d.go", "", "deleted"] == [file.moved for files in changed[4:] for file in files]
    assert "-three" in words(difference(changed[5][0]))
    assert (None, "one\ntwo\n") == (changed[0][0].before, changed[0][0].after)
    assert ("one\ntwo\n", "one\nthree\n") == (changed[1][0].before, changed[1][0].after)
    assert [("x", "y")] == changed[2][0].passages


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_raise_nothing_and_close_nothing(write_ledger: WriteLedger, text: str) -> None:
    """As HTML, every text is escaped; control characters and marks of direction are shown as escapes."""
    path = write_ledger(hostile_line(FIRST, text))
    store(path, FIRST, events(text))
    document = RunLibrary([path]).document(FIRST)
    written = "".join(str(html(node)) for node in [document.head, *document.passes])
    assert not {"\x00", "\x1b", "\u202e", "\u2066", "\ud800"} & set(written)
    for start in ("<script", "<img", "<!--", "<svg onload"):
        assert start not in written


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.just(10**400) | some.floats() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [*run_line(FIRST), *json.loads(json.dumps(hostile_line(FIRST, "x"))), "schema", "counts_as", "spent", "fault"]
RECORDS = some.dictionaries(some.sampled_from(FIELDS), JSON, max_size=12)
EVENT_FIELDS = sorted({name for event in EVENTS.values() for name in event.fields})
TRANSCRIPTS = some.lists(
    some.builds(
        lambda kind, fields: {**fields, "event": kind},
        some.sampled_from([*EVENTS, "new_kind"]),
        some.dictionaries(some.sampled_from(EVENT_FIELDS), JSON, max_size=6),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(record=RECORDS, lines=TRANSCRIPTS)
def test_no_record_and_no_transcript_breaks_a_page(tmp_path: Path, record: Any, lines: Any) -> None:
    """Fields may be missing, of another type or unknown: the page and the row are made all the same."""
    folder = RunFolder(tmp_path / "run")
    folder.path.mkdir(exist_ok=True)
    folder.transcript.write_text("".join(json.dumps(one) + "\n" for one in lines))
    whole = json.loads(json.dumps(run_line(FIRST) | record))
    row = RunRow.of(identity(whole), whole)
    document = run_document(FIRST, StoredRun(whole, folder), read_transcript(folder.transcript))
    assert json.dumps(document.as_json(), allow_nan=False)
    assert 15 == len(json.loads(row.shown, parse_constant=pytest.fail))


@pytest.mark.parametrize("depth", [100, 900, 990, 5000])
def test_deep_nesting_breaks_no_page(tmp_path: Path, depth: int) -> None:
    """Of JSON in a record, in arguments, in tools and in events that are unknown."""
    deep = "[" * depth + "]" * depth
    lines = [
        f'{{"event": "prompts", "tools": {deep}}}',
        '{"event": "pass_started", "number": 1}',
        f'{{"event": "reply", "tool_calls": [{{"id": "a", "name": "x", "arguments": "{{\\"q\\": {deep}}}"}}]}}',
        f'{{"event": "new", "x": {deep}}}',
        f'{{"event": "tool", "id": "a", "name": "x", "understood": {{"name": "y", "arguments": {{"z": {deep}}}}}}}',
    ]
    folder = RunFolder(tmp_path)
    folder.transcript.write_text("\n".join(lines) + "\n")
    record = run_line(FIRST)
    with suppress(RecursionError):
        record["server"] = {"a": json.loads(deep)}
    document = run_document(FIRST, StoredRun(record, folder), read_transcript(folder.transcript))
    assert 1 == len(json.loads(json.dumps(document.as_json()))["passes"])


def test_a_run_under_way_is_shown_as_far_as_it_came(ledger: Path) -> None:
    """It has no record, and its transcript may end in the middle of a line."""
    whole = "".join(json.dumps(one) + "\n" for one in events()[:5])
    proof = '{"event": "proof", "kind": "status", "why": "make has no tests of its own"}\n'
    store(ledger, OPEN, proof + whole + '{"event": "repl')
    (ledger.parent / "runs" / OPEN / "config.json").write_text(
        '{"model": {"name": "m", "profile": "p"}, "ctx_limit": 9}'
    )
    library = RunLibrary([ledger])
    assert [OPEN] == list(library.unrecorded)
    shown = page_words(library, OPEN)
    assert "no record: the run is under way, or was killed" in shown
    assert "simulated subject" in shown
    assert "status: the exit status of the verify command alone" in shown
    assert "make has no tests of its own" in shown
    assert "1 call so far" in shown
    assert "pass 1: 1,200 tokens, ended: not yet" in shown


def test_a_pass_of_a_command_agent_under_way_has_no_loads_and_acts(tmp_path: Path) -> None:
    """Its tools have names of their own: nothing is shown where nothing is known."""
    usage, calls = {"total_tokens": 70}, [{"id": "c", "name": "cat", "arguments": "{}"}]
    lines = [
        {"event": "pass_started", "number": 1},
        {"event": "request", "step": 1, "kept": 0, "messages": [], "tools": None},
        {"event": "reply", "step": 1, "content": "", "tool_calls": calls, "usage": usage},
        {"event": "tool", "step": 1, "name": "cat", "id": "c", "seconds": None, "result": "text of the file"},
        {"event": "request", "step": 2, "kept": 2, "messages": [], "tools": None},
    ]
    (tmp_path / "transcript.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    folder = RunFolder(tmp_path)
    document = run_document(FIRST, StoredRun(None, folder), read_transcript(folder.transcript))
    shown = "\n".join(map(words, [document.head, *document.passes]))
    assert "text of the file" in shown
    assert "0 loads" not in shown


def test_what_cannot_be_counted_is_shown_as_what_it_is(write_ledger: WriteLedger) -> None:
    """A future schema, an unknown outcome, a repeated run, a run of the original, a torn line."""
    path = write_ledger(
        run_line(FIRST, schema=99),
        run_line(SECOND, outcome="exploded", counts_as="exploded"),
        run_line(SECOND),
        line(None),
        '{"run_id": "torn',
    )
    library = RunLibrary([path])
    reasons = [json.loads(row.shown)[7] for row in library.rows]
    assert "schema 99 is newer than 1: not counted" in reasons[0]
    assert "no known outcome: not counted" in reasons[1]
    assert "a second line of the same run" in reasons[2]
    assert (4, 1) == (len(library.rows), library.torn)
    original = library.document(library.rows[3].run_id)
    assert "No transcript is beside this record" in words(original.head)
    assert 4 == len(original.passes)


@pytest.mark.parametrize("run_id", ["../outside", "/etc", "..", "a/../../outside", "\x00", ""])
def test_no_id_leads_out_of_the_log_folder(tmp_path: Path, write_ledger: WriteLedger, run_id: str) -> None:
    """An id that is no plain name has a line and no folder."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "transcript.jsonl").write_text(json.dumps({"event": "prompts", "system": "outside text"}))
    library = RunLibrary([write_ledger(run_line(run_id), name="runs.jsonl")])
    assert "outside text" not in page_words(library, library.rows[0].run_id)


def test_a_link_out_of_the_log_folder_is_not_followed(ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nor is a pipe opened, which would wait for ever."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text(json.dumps({"event": "prompts", "system": "outside text"}))
    for run_id in (SECOND, OPEN):
        (ledger.parent / "runs" / run_id).mkdir()
    (ledger.parent / "runs" / SECOND / "transcript.jsonl").symlink_to(secret)
    for name in ("transcript.jsonl", "config.json"):
        os.mkfifo(ledger.parent / "runs" / OPEN / name)
    (ledger.parent / "runs" / "linked").symlink_to(secret.parent)
    library = RunLibrary([ledger])
    assert [OPEN] == list(library.unrecorded)
    assert [] == search(library, [SECOND, OPEN], "outside text").hits
    for run_id in (SECOND, OPEN):
        shown = page_words(library, run_id)
        assert "is no file of the log folder" in shown
        assert "outside text" not in shown


def test_a_ledger_is_followed_as_it_grows(ledger: Path) -> None:
    """Only what was appended is read; half a line waits for its end."""
    library = RunLibrary([ledger])
    text = json.dumps(run_line(OPEN))
    with ledger.open("a") as file:
        file.write(text[:50])
        file.flush()
        assert [] == library.look()
        file.write(text[50:] + "\n")
    assert [OPEN] == [row.run_id for row, _ in library.look()]
    assert [] == library.look()
