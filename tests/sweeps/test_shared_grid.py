"""Two processes, and processes that are killed, on one grid: no run is lost and none is made twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GRID = ("-m", "model=oracle", "task=reverse", "sweep.replicates=4", "memory=true,false")
RUNS = {(memory, replicate) for memory in (True, False) for replicate in (1, 2, 3, 4)}

KILLS = int(os.environ.get("HARNESS_KILLS", "6"))
SEED = int(os.environ.get("HARNESS_KILL_SEED", "1"))

pytestmark = [pytest.mark.go, pytest.mark.slow]


def sweep(folder: Path) -> "subprocess.Popen[str]":
    """The grid, started in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "harness", *GRID]
    return subprocess.Popen(argv, cwd=folder, env=environment, text=True, stderr=subprocess.PIPE)


def ledger(folder: Path) -> list[dict[str, Any]]:
    path = folder / "outputs" / "runs.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def results(folder: Path) -> list[tuple[bool, int]]:
    return [(line["memory"], line["replicate"]) for line in ledger(folder) if line["outcome"] == "completed"]


LASTING = (
    "cell",
    "replicate",
    "block",
    "position",
    "outcome",
    "passes",
    "pass_reasons",
    "sampling_seed",
    "tool_counts",
)


def lasting(folder: Path) -> list[str]:
    """What of each result does not depend on when it was made, in the order of the plan."""
    done = [line for line in ledger(folder) if line["outcome"] == "completed"]
    return sorted(json.dumps([line[key] for key in LASTING], sort_keys=True) for line in done)


def test_two_processes_share_a_grid(tmp_path: Path) -> None:
    """Each run is made once by one of them, both end well, and both know that all is done."""
    pair = [sweep(tmp_path), sweep(tmp_path)]
    said = [process.communicate(timeout=600)[1] for process in pair]
    assert [0, 0] == [process.returncode for process in pair]
    assert Counter(RUNS) == Counter(results(tmp_path))
    assert len(RUNS) == len(ledger(tmp_path))
    assert [True, True] == ["8 of 8 runs have a result" in text for text in said]


@pytest.mark.timeout(3600)
def test_a_sweep_killed_at_random_ends_as_one_that_was_not(tmp_path: Path) -> None:
    """kill -9, SIGTERM and Ctrl-C at moments drawn from a declared seed: the results are the same, each of them once.

    HARNESS_KILLS and HARNESS_KILL_SEED ask for more of it.
    """
    random = Random(SEED)
    (quiet := tmp_path / "quiet").mkdir()
    (stormy := tmp_path / "stormy").mkdir()
    started = time.monotonic()
    sweep(quiet).communicate(timeout=600)
    length = time.monotonic() - started
    finished: list[tuple[bool, int]] = []
    for _ in range(KILLS):
        process = sweep(stormy)
        time.sleep(random.uniform(0, length / 2))
        process.send_signal(random.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        process.communicate(timeout=600)
        assert finished == results(stormy)[: len(finished)]
        finished = results(stormy)
    last = sweep(stormy)
    last.communicate(timeout=600)
    assert 0 == last.returncode
    assert Counter(RUNS) == Counter(results(stormy))
    assert lasting(quiet) == lasting(stormy)
