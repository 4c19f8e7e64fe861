"""A sweep that was stopped goes on: nothing lost, nothing run twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GRID = ["-m", "model=oracle", "task=reverse", "sweep.replicates=5"]

pytestmark = pytest.mark.go


def _sweep(folder: Path) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "harness", *GRID], cwd=folder, env=environment, text=True, stderr=subprocess.PIPE
    )


def _lines(folder: Path) -> list[dict[str, object]]:
    ledger = folder / "outputs" / "runs.jsonl"
    return [json.loads(line) for line in ledger.read_text().splitlines()] if ledger.exists() else []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_stopped_sweep_goes_on_where_it_was(tmp_path: Path, number: signal.Signals) -> None:
    """However it is stopped, the next start finishes the grid, and each run has one result."""
    first = _sweep(tmp_path)
    deadline = time.monotonic() + 60
    while len(_lines(tmp_path)) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    first.send_signal(number)
    expected = -signal.SIGKILL if number is signal.SIGKILL else 130
    first.communicate(timeout=600)
    assert expected == first.returncode
    again = _sweep(tmp_path)
    again.communicate(timeout=600)
    assert 0 == again.returncode
    results = [line["replicate"] for line in _lines(tmp_path) if line["outcome"] == "completed"]
    assert {1: 1, 2: 1, 3: 1, 4: 1, 5: 1} == Counter(results)
    last = _sweep(tmp_path)
    _, told = last.communicate(timeout=600)
    assert (0, True) == (last.returncode, "nothing left to do" in told)


def test_every_record_of_a_simulated_sweep_says_so(tmp_path: Path) -> None:
    """Simulated, with its place in the sweep, and the seed that repeats it."""
    _sweep(tmp_path).communicate(timeout=600)
    lines = _lines(tmp_path)
    assert [True] * 5 == [line["simulated"] for line in lines]
    assert [1, 2, 3, 4, 5] == [line["position"] for line in lines]
    assert 5 == len({line["sampling_seed"] for line in lines})
