"""One record a run: neither lost nor doubled, and never one for a run that did not end."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.outcome import Outcome
from harness.outputs import Outputs

from lab import DONE, SOLVE, STOP, Lab
from scripted import ScriptedServer, answer

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from harness.config import ModelConfig, RunConfig, TaskConfig
from harness.runner import run
endpoint, folder = sys.argv[1:]
model = ModelConfig(name="scripted", endpoint=endpoint)
run(RunConfig(model=model, task=TaskConfig(name="reverse"), log_dir=folder), endpoint=endpoint)
"""

pytestmark = pytest.mark.go


def _wait_for(condition: object) -> None:
    deadline = time.monotonic() + 30
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _start(endpoint: str, folder: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", PROGRAM, endpoint, str(folder)], env=environment)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_is_recorded_once(tmp_path: Path, number: signal.Signals) -> None:
    """Even when the signal comes twice, as from an impatient hand."""
    with ScriptedServer([answer(length=10, body=b"")]) as server:
        process = _start(server.endpoint, tmp_path)
        _wait_for(lambda: server.asked)
        process.send_signal(number)
        process.send_signal(number)
        assert 0 == process.wait(timeout=600)
    lines = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]
    assert ["interrupted"] == [line["outcome"] for line in lines]


def test_a_run_that_is_killed_is_never_a_result(tmp_path: Path) -> None:
    """kill -9 leaves a folder that says started and unfinished, no line in the ledger, and nothing to recover."""
    with ScriptedServer([answer(length=10, body=b"")]) as server:
        process = _start(server.endpoint, tmp_path)
        _wait_for(lambda: server.asked)
        process.kill()
        process.wait(timeout=600)
    (folder,) = (tmp_path / "runs").iterdir()
    assert {"config.json", "transcript.jsonl"} == {path.name for path in folder.iterdir()}
    assert "run_started" == json.loads((folder / "transcript.jsonl").read_text().splitlines()[0])["event"]
    assert 0 == Outputs(tmp_path).recover()
    assert [] == list(Outputs(tmp_path).ledger.read())


def test_a_fault_of_the_machine_is_recorded_as_one(lab: Lab) -> None:
    """An exception inside a run is its outcome, not its end: the record says what went wrong."""
    lab.folder.mkdir()
    (lab.folder / "work").touch()
    record = lab.run([SOLVE, DONE])
    assert (Outcome.FAULT, 1) == (record.outcome, len(lab.ledger))
    assert record.fault is not None
    assert "work" in record.fault


def test_every_record_of_a_server_that_says_it_is_simulated_says_so(lab: Lab) -> None:
    """Whatever the config calls it: the server's own word is enough."""
    record = lab.run([STOP], models={"data": [{"id": "scripted", "simulated": True}]}, max_iters=1)
    assert True is record.simulated
