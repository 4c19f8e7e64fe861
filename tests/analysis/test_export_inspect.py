"""Runs as logs that Inspect itself reads."""

import json
from pathlib import Path

import pytest
from ledger_lines import Ask, WriteLedger, line
from test_show import FIRST, SECOND, events, stored

inspect_log = pytest.importorskip("inspect_ai.log")
THIRD = "20260103T000000-cccc3333"


@pytest.fixture
def ledger(write_ledger: WriteLedger) -> Path:
    """One cell with a stagnated run, a fault, and the same replicate made again."""
    path = write_ledger(
        line(FIRST, outcome="stagnated", replicate=1, cell="c", tool_calls=2),
        line(SECOND, outcome="fault", replicate=2, cell="c", fault="ConnectError: refused"),
        line(THIRD, outcome="completed", replicate=2, cell="c", passes=1, pass_reasons=["completed"]),
    )
    stored(path, FIRST, events(torn=True))
    return path


def test_inspect_reads_a_cell_as_one_log(ledger: Path, ask: Ask, tmp_path: Path) -> None:
    """An epoch for each replicate, a score for each result, an error and no score for a fault."""
    code, out, _ = ask("export", "inspect", tmp_path / "logs", "--runs", ledger)
    (path,) = (tmp_path / "logs").iterdir()
    assert (0, str(path)) == (code, out.strip())
    log = inspect_log.read_eval_log(str(path))
    assert [(1, 0), (2, 1)] == [(one.epoch, one.scores["completed"].value) for one in log.samples if one.scores]
    (fault,) = [one for one in log.samples if not one.scores]
    assert (3, "fault: ConnectError: refused") == (fault.epoch, fault.error.message)
    assert 0.5 == log.results.scores[0].metrics["mean"].value
    assert (2, 1) == (log.results.scores[0].scored_samples, log.results.scores[0].unscored_samples)


def test_a_pass_is_a_span_with_the_calls_of_model_and_tools(ledger: Path, ask: Ask, tmp_path: Path) -> None:
    """In order, with arguments, results and the words of the gate; a torn end is left out."""
    ask("export", "inspect", tmp_path / "logs", "--runs", ledger)
    (path,) = (tmp_path / "logs").iterdir()
    sample = inspect_log.resolve_sample_attachments(inspect_log.read_eval_log(str(path)).samples[0], "full")
    kinds = ["span_begin", "model", "tool", "model", "info", "tool", "info", "span_end", "score"]
    assert kinds == [event.event for event in sample.events]
    tool = sample.events[2]
    assert ("read_file", {"path": "a.go"}) == (tool.function, tool.arguments)
    assert tool.result.startswith("0\n1\n")
    assert ["system", "user"] == [message.role for message in sample.events[1].input]
    assert ["system", "user", "assistant", "tool"] == [message.role for message in sample.events[3].input]


def test_a_simulated_model_is_called_so(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """In the name of the model, which every table of Inspect shows."""
    ask("export", "inspect", tmp_path / "logs", "--runs", write_ledger(line(FIRST, simulated=True)))
    (path,) = (tmp_path / "logs").iterdir()
    assert "small-model (simulated)" == inspect_log.read_eval_log(str(path), header_only=True).eval.model


def test_a_task_of_a_set_has_its_whole_name(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """Two tasks of a set are two tasks."""
    path = write_ledger(*(line(name, task=f"exercism/go/{name}", cell=name) for name in ("leap", "bowling")))
    ask("export", "inspect", tmp_path / "logs", "--runs", path)
    logs = [inspect_log.read_eval_log(str(one), header_only=True) for one in (tmp_path / "logs").iterdir()]
    assert {"exercism/go/leap", "exercism/go/bowling"} == {log.eval.task for log in logs}


def test_its_data_frames_hold_the_runs(ledger: Path, ask: Ask, tmp_path: Path) -> None:
    """One row a sample, with its score."""
    frames = pytest.importorskip("inspect_ai.analysis")
    ask("export", "inspect", tmp_path / "logs", "--runs", ledger)
    frame = frames.samples_df(str(tmp_path / "logs"))
    assert 3 == len(frame)
    assert {"0", "1"} == {json.dumps(score) for score in frame["score_completed"].dropna().astype(int)}


def test_a_ledger_without_a_run_is_one_line(write_ledger: WriteLedger, ask: Ask, tmp_path: Path) -> None:
    """With exit code 2, and no folder made."""
    code, out, err = ask("export", "inspect", tmp_path / "logs", "--runs", write_ledger())
    assert (2, "", 1) == (code, out, len(err.splitlines()))
    assert not (tmp_path / "logs").exists()
