"""Records as data frames, as users read them."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from ledger_lines import WriteLedger, line

from analysis import calls_df, passes_df, runs_df, tool_calls_df
from analysis.errors import AnalysisError

ROOT = Path(__file__).resolve().parents[2]


def test_a_run_is_one_typed_row(write_ledger: WriteLedger) -> None:
    """Numbers, switches and text keep their types, and the start is a time in UTC."""
    runs = runs_df(write_ledger(line("r1", tool_counts={"read_file": 3}, server={"endpoint": "e"})))
    kinds = {name: str(runs[name].dtype) for name in ("memory", "ctx_limit", "temperature", "model")}
    assert {"memory": "boolean", "ctx_limit": "Int64", "temperature": "Float64", "model": "string"} == kinds
    assert pd.Timestamp("2026-06-06T12:00:00Z") == runs.time[0]
    assert ({"read_file": 3}, {"endpoint": "e"}) == (runs.tool_counts[0], runs.server[0])


def test_unknown_is_missing_and_never_0(write_ledger: WriteLedger) -> None:
    """A line of the original has no replicate and no cached tokens."""
    runs = runs_df(write_ledger(line(None)))
    assert [True, True, True] == [bool(runs[name].isna()[0]) for name in ("replicate", "cached_tokens", "sandbox")]


def test_a_repeated_or_torn_line_is_no_run(write_ledger: WriteLedger) -> None:
    """A run counts once, and what is no record is left out."""
    runs = runs_df(write_ledger(line("r1"), line("r1"), '{"run_id": "r2", "mod', line("r3")))
    assert ["r1", "r3"] == list(runs.run_id)


def test_a_run_that_its_server_ended_counts_as_a_fault(write_ledger: WriteLedger) -> None:
    """As everywhere in the analysis; the outcome stays what it was."""
    runs = runs_df(write_ledger(line("r1", pass_reasons=["context", "error"])))
    assert [("stagnated", "fault")] == list(zip(runs.outcome, runs.counts_as, strict=True))


def test_a_ledger_that_is_missing_is_one_line(tmp_path: Path) -> None:
    """It names the path."""
    with pytest.raises(AnalysisError, match="no such ledger"):
        runs_df(tmp_path / "none.jsonl")


def test_the_example_of_the_documentation_runs(write_ledger: WriteLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block of docs/frames.md, one after another, over runs with passes and transcripts."""
    per_pass = [{"reason": "context", "steps": 2, "peak_tokens": 9000, "loads": 4, "acts": 0, "changed": False}]
    ledger = write_ledger(line("r1", per_pass=per_pass, outcome="completed"), line("r2"), line(None))
    events = [
        {"event": "pass_started", "at": 0.1, "number": 1},
        {"event": "reply", "at": 2.0, "step": 1, "seconds": 1.9, "content": "", "tool_calls": [{"name": "go"}]},
        {"event": "tool", "at": 2.5, "step": 1, "name": "go", "id": "call_1", "seconds": 0.5, "result": "ok"},
    ]
    folder = ledger.parent / "outputs" / "runs" / "r1"
    folder.mkdir(parents=True)
    (folder / "transcript.jsonl").write_text("\n".join(map(json.dumps, events)) + '\n{"torn', encoding="utf-8")
    ledger.rename(ledger.parent / "outputs" / "runs.jsonl")
    monkeypatch.chdir(ledger.parent)
    found: dict[str, pd.DataFrame] = {}
    for block in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "frames.md").read_text(encoding="utf-8"), re.S):
        exec(block, found)
    assert [("r1", 1, 1.9, ["go"])] == list(
        found["calls"][["run_id", "pass_number", "seconds", "tools"]].itertuples(index=False, name=None)
    )
    assert ["ok"] == list(found["tools"].result)
    assert [1, 4, 4] == list(found["passes"].groupby("run_id", dropna=False).size())
    assert [1.0] == list(found["waste"].dropna())


def test_frames_without_rows_keep_their_columns(write_ledger: WriteLedger) -> None:
    """Runs whose folders are gone have no calls, and the frame has its columns all the same."""
    runs = runs_df(write_ledger(line("r1")))
    assert {"seconds", "tools"} <= set(calls_df(runs).columns) and calls_df(runs).empty
    assert "result" in tool_calls_df(runs).columns
    assert ["context"] * 4 == list(passes_df(runs).reason)
