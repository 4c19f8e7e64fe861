"""Whole sweeps and single runs, from the command line to the ledger."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from commands import Command

from dialects import Say
from lab import DONE, SOLVE, STOP
from scripted import Raw, ScriptedServer, answer

ROOT = Path(__file__).parents[2]
NOP = ("task=reverse", "model=nop", "max_iters=1")
REAL = ("model=openai_compatible", "model.name=scripted", "preflight=off")
HANGING = answer(length=10, body=b"")
"""A reply that never comes."""

pytestmark = pytest.mark.go


def ledger(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "outputs" / "runs.jsonl").read_text().splitlines()]


def subject(server: ScriptedServer) -> list[str]:
    """The overrides that make the server the subject of a short run."""
    return [*REAL, f"model.endpoint={server.endpoint}", "task=reverse", "max_iters=1"]


def test_a_sweep_records_each_run_once_and_knows_it_later(harness: Command, tmp_path: Path) -> None:
    """Each record says where its run stood; the second time there is nothing left; nothing else is left behind."""
    sweep = ("-m", *NOP, "memory=true,false", "sweep.replicates=2")
    first, second = harness(*sweep), harness(*sweep)
    lines = ledger(tmp_path)
    assert [("reverse:memory", place) for place in (1, 2, 3, 4)] == [
        (line["sweep"], line["position"]) for line in lines
    ]
    for block in (lines[:2], lines[2:]):
        assert ({True, False}, 1) == ({line["memory"] for line in block}, len({line["replicate"] for line in block}))
        assert [line["replicate"] for line in block] == [line["block"] for line in block]
    assert (0, 0) == (first.code, second.code)
    assert 2 == len({line["cell"] for line in lines})
    assert ("", 6) == (first.out, len(first.lines))
    assert ["nothing left to do: 4 of 4 runs have a result"] == second.lines
    assert {"outputs"} == {path.name for path in tmp_path.iterdir()}


def test_a_sweep_that_grows_runs_only_what_is_new(harness: Command, tmp_path: Path) -> None:
    """A further level, a further replicate: what is recorded is not rolled again."""
    harness("-m", *NOP, "ctx_limit=9000,11000")
    grown = harness("-m", *NOP, "ctx_limit=9000,11000,13000")
    assert (0, 3) == (grown.code, len(ledger(tmp_path)))
    assert grown.lines[1].startswith("[3/3] reverse ctx_limit=13000 r1  budget  1 pass  ")


def test_a_single_run_always_runs(harness: Command, tmp_path: Path) -> None:
    """Whoever asks for one run wants it, recorded before or not; it belongs to no sweep."""
    codes = [harness(*NOP).code for _ in range(2)]
    assert ([4, 4], [(None, None)] * 2) == (codes, [(line["sweep"], line["position"]) for line in ledger(tmp_path)])


@pytest.mark.parametrize(
    ("argv", "code", "outcome"),
    [
        (("model=oracle",), 0, "completed"),
        (("model=nop", "max_stale=1"), 3, "stagnated"),
        (
            ("model=openai_compatible", "model.name=x", "model.endpoint=http://127.0.0.1:9/v1", "max_iters=1"),
            1,
            "fault",
        ),
    ],
)
def test_a_single_run_exits_with_its_outcome(
    harness: Command, tmp_path: Path, argv: tuple[str, ...], code: int, outcome: str
) -> None:
    """Zero is a run that completed; the others are told apart."""
    assert (code, [outcome]) == (harness("task=reverse", *argv).code, [line["outcome"] for line in ledger(tmp_path)])


def test_faults_are_run_again_and_results_are_not(harness: Command, tmp_path: Path) -> None:
    """The endpoint changes neither the cell nor what is owed."""
    with ScriptedServer([STOP, answer(status=400), STOP]) as server:
        first = harness("-m", *subject(server), "replicate=1,2,3")
    with ScriptedServer([STOP]) as server:
        second = harness("-m", *subject(server), "replicate=1,2,3")
    assert (1, 0) == (first.code, second.code)
    assert [(1, "budget"), (2, "fault"), (3, "budget"), (2, "budget")] == [
        (line["replicate"], line["outcome"]) for line in ledger(tmp_path)
    ]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_sweep_loses_nothing_and_goes_on(
    harness: Command, tmp_path: Path, number: signal.Signals
) -> None:
    """The run under way is recorded as interrupted, the exit code is 130, and later the sweep finishes what it owes."""
    with ScriptedServer([STOP, HANGING]) as server:
        process = _start(tmp_path, "-m", *subject(server), "replicate=1,2,3")
        _wait_for(lambda: len(server.asked) == 2)
        process.send_signal(number)
        assert 130 == process.wait(timeout=600)
    assert process.stderr is not None
    said = process.stderr.read().decode().splitlines()
    assert "interrupted: 1 of 3 runs have a result; the same command goes on from here" == said[-1]
    with ScriptedServer([STOP, STOP]) as server:
        assert 0 == harness("-m", *subject(server), "replicate=1,2,3").code
    assert [(1, "budget"), (2, "interrupted"), (2, "budget"), (3, "budget")] == [
        (line["replicate"], line["outcome"]) for line in ledger(tmp_path)
    ]


def test_runs_in_a_folder_of_ones_own_are_warned_of(harness: Command, tmp_path: Path) -> None:
    """Each starts from what the one before left; that is allowed, and said once."""
    (tmp_path / "PROMPT.md").write_text("Write a file called there.\n")
    mine = ("task=folder", "task.prompt=PROMPT.md", "task.workdir=mine", "task.verify='test -e there'")
    mine = (*mine, "task.in_place=true")
    (tmp_path / "mine").mkdir()
    with ScriptedServer([STOP, STOP]) as server:
        told = harness("-m", *subject(server)[:4], *mine, "max_iters=1", "replicate=1,2")
    folder = tmp_path / "mine"
    line = f"warning: 2 runs work in {folder}, in place: each starts from what the one before left there"
    assert (0, [line]) == (told.code, [one for one in told.lines if "warning" in one])


def test_a_terminal_is_shown_the_run_under_way(tmp_path: Path) -> None:
    """Its place in the run, then its line; the display is gone when the sweep is over."""
    slow: list[Say | Raw] = [SOLVE, Raw((1.5,)), DONE]
    with ScriptedServer(slow) as server:
        shown = _on_a_terminal(tmp_path, "-m", *subject(server), "memory=true")
    assert "pass 1  step 1  tokens 100" in shown
    assert "[1/1] reverse r1  completed" in shown
    assert "done: 1 of 1 runs have a result" in shown


def _start(folder: Path, *argv: str, stderr: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "120"}
    return subprocess.Popen([sys.executable, "-m", "harness", *argv], cwd=folder, env=environment, stderr=stderr)


def _on_a_terminal(folder: Path, *argv: str) -> str:
    """All that a command writes on standard error where that is a terminal."""
    ours, its = pty.openpty()
    process = _start(folder, *argv, stderr=its)
    os.close(its)
    parts: list[bytes] = []

    def read() -> None:
        try:
            while part := os.read(ours, 4096):
                parts.append(part)
        except OSError:  # how Linux tells that the other side is closed
            pass

    reader = threading.Thread(target=read)
    reader.start()
    process.wait(timeout=600)
    reader.join(timeout=600)
    os.close(ours)
    return b"".join(parts).decode()


def _wait_for(condition: Any) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
