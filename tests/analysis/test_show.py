"""`runs` lists the runs of a ledger, and `show` prints one of them."""

import json
from pathlib import Path
from typing import Any

import pytest
from ledger_lines import Ask, WriteLedger, line

FIRST, SECOND = "20260101T000000-aaaa1111", "20260102T000000-bbbb2222"
HOSTILE = "red \x1b[31m bell \x07 back \x08 end \u202e<script>alert(1)</script>"


def events(*, torn: bool = False) -> str:
    """A transcript of one pass: a read, a refused done, and a reply without a call."""
    call = {"id": "c1", "name": "read_file", "arguments": '{"path": "a.go"}'}
    done = {"id": "c2", "name": "done", "arguments": "{}"}
    usage = {"total_tokens": 1200}
    lines: list[dict[str, Any]] = [
        {"event": "run_started", "run_id": FIRST},
        {"event": "prompts", "system": "be good", "prompt": "write a.go", "tools": []},
        {"event": "pass_started", "number": 1},
        {"event": "reply", "step": 1, "content": HOSTILE, "tool_calls": [call], "usage": usage, "seconds": 1.5},
        {"event": "tool", "step": 1, "name": "read_file", "id": "c1", "result": "\n".join(map(str, range(40)))},
        {"event": "reply", "step": 2, "reasoning": "hm", "tool_calls": [done], "usage": usage, "seconds": 2},
        {"event": "verdict", "accepted": False, "green": ["b"], "feedback": "a fails"},
        {"event": "tool", "step": 2, "name": "done", "id": "c2", "result": "not yet"},
        {
            "event": "pass_finished",
            "number": 1,
            "reason": "context",
            "steps": 2,
            "changed": False,
            "loads": 1,
            "acts": 0,
        },
    ]
    text = "".join(json.dumps(one) + "\n" for one in lines)
    return text + '{"event": "pass_st' if torn else text


def stored(ledger: Path, run_id: str, transcript: str) -> Path:
    folder = ledger.parent / "runs" / run_id
    folder.mkdir(parents=True)
    (folder / "transcript.jsonl").write_text(transcript)
    return folder


@pytest.fixture
def ledger(write_ledger: WriteLedger) -> Path:
    """Two runs, of which the first has a transcript."""
    path = write_ledger(
        line(run_id=FIRST, outcome="stagnated", units={"a": "unwritten", "b": "passing"}, tool_calls=2),
        line(run_id=SECOND, outcome="completed", passes=2, pass_reasons=["context", "completed"]),
    )
    stored(path, FIRST, events())
    return path


def test_every_run_is_listed_with_its_reason_and_its_folder(ledger: Path, ask: Ask) -> None:
    """The reason is that of the record, the folder is a column for programs."""
    code, out, _ = ask("runs", "--runs", ledger, "--json")
    rows = json.loads(out)["tables"]["runs"]["rows"]
    assert (0, [FIRST, SECOND]) == (code, [row["run"] for row in rows])
    assert "a never written" in rows[0]["why"]
    assert "completed: the tests ran and passed in pass 2" == rows[1]["why"]
    assert str(ledger.parent / "runs" / FIRST) == rows[0]["folder"]


def test_the_latest_runs_are_listed_and_the_rest_is_said(ledger: Path, ask: Ask) -> None:
    """A long ledger does not flood the screen."""
    _, out, _ = ask("runs", "--runs", ledger, "--last", 1)
    assert FIRST not in out
    assert "1 earlier runs are not shown: --last 0 shows all" in out


@pytest.mark.parametrize("name", [FIRST, "20260101", "aaaa1111"])
def test_a_run_is_printed_by_its_id_or_a_part_of_it(ledger: Path, ask: Ask, name: str) -> None:
    """With its reason, its calls, their results and the verdicts; long results are folded."""
    code, out, _ = ask("show", name, "--runs", ledger)
    assert 0 == code
    for words in ("a never written", "calls read_file", "path: a.go", "gate refused", "a fails", "not yet", "peak"):
        assert words in out
    assert "29 lines more (--full)" in out
    assert "\n        20\n" not in out


def test_loads_and_acts_that_an_agent_does_not_show_are_unknown(ledger: Path, ask: Ask) -> None:
    """Null is not shown as 0."""
    place = ledger.parent / "runs" / FIRST / "transcript.jsonl"
    place.write_text(place.read_text().replace('"loads": 1, "acts": 0', '"loads": null, "acts": null'))
    _, out, _ = ask("show", FIRST, "--runs", ledger)
    assert "loads and acts unknown" in " ".join(out.split())


def test_the_whole_text_is_there(ledger: Path, ask: Ask) -> None:
    """`--full` folds nothing, and prints the prompts as well."""
    _, out, _ = ask("show", FIRST, "--runs", ledger, "--full")
    for words in ("be good", "write a.go", "\n        20\n"):
        assert words in out


def test_what_a_model_wrote_cannot_act_on_the_terminal(ledger: Path, ask: Ask) -> None:
    """Escapes, bells and marks of direction are printed as text."""
    _, out, _ = ask("show", FIRST, "--runs", ledger)
    assert "red \\x1b[31m bell \\x07 back \\x08 end \\u202e<script>" in out
    assert not {"\x1b", "\x07", "\x08", "\u202e"} & set(out)


def test_a_run_under_way_or_killed_is_shown_as_far_as_it_came(ledger: Path, ask: Ask) -> None:
    """There is no record, and the transcript ends in the middle of a line."""
    folder = stored(ledger, "20260103T000000-cccc3333", events(torn=True))
    code, out, _ = ask("show", "last", "--runs", ledger)
    assert 0 == code
    assert "none: the run is under way, or was killed" in out
    assert "1 torn lines are left out" in out
    assert ask("show", folder)[1] == out


def test_a_run_without_a_transcript_is_its_record(ledger: Path, ask: Ask) -> None:
    """As for a ledger of the original, which has none."""
    code, out, _ = ask("show", SECOND, "--runs", ledger)
    assert 0 == code
    assert "transcript  none" in out


@pytest.mark.parametrize(
    ("name", "words"), [("nope", "nope: no such run"), ("2026", "2026: 2 runs are meant"), ("/no/such", "no such run")]
)
def test_a_name_that_means_no_run_or_several_is_one_line(ledger: Path, ask: Ask, name: str, words: str) -> None:
    """With exit code 2."""
    code, out, err = ask("show", name, "--runs", ledger)
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert words in err
