"""Sweeps that decide as they go: they stop when they may, and go on as if nobody had stopped them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from commands import Command

from harness.ledger import Ledger
from sweeps.schema import Side
from sweeps.strategies.e_process import EProcess

ROOT = Path(__file__).parents[2]

NOTHING = ("-m", "hydra/sweeper=contrast", "task=reverse", "model=nop", "max_iters=1", "memory=true,false")
"""Two arms that complete nothing, within a tenth of a second a run."""

FLOOR = ("-m", "hydra/sweeper=threshold", "task=reverse", "max_iters=1", "ctx_limit=7000,9000,11000,13000")


def ledger(folder: Path) -> list[dict[str, Any]]:
    return list(Ledger(folder / "outputs" / "runs.jsonl").read())


def decisions_of(folder: Path, name: str) -> Any:
    """The last of what a sweep wrote down of its decisions."""
    return json.loads((folder / "outputs" / "sweeps" / f"{name}.decided.json").read_text())[-1]


def rows(out: str) -> list[list[str]]:
    """The runs that a dry run lists: position, block, cell, label, state."""
    listed = out.partition("\n\n")[0].splitlines()[1:]
    return [[part.strip() for part in row.split("  ") if part.strip()] for row in listed]


def record(folder: Path, row: list[str], outcome: str) -> None:
    """A result of a planned run, as if it had been made."""
    line = {"cell": row[2], "replicate": int(row[3].rpartition(" r")[2]), "outcome": outcome, "duration_sec": 60}
    Ledger(folder / "outputs" / "runs.jsonl").append(line)


def test_arms_that_can_no_longer_differ_end(harness: Command, tmp_path: Path) -> None:
    """Of 6 against 6, after 2 blocks without a completion nothing that comes could be significant on two sides."""
    told = harness(*NOTHING, "sweep.replicates=6")
    verdict = (
        "memory: true against false (simulated): not significant at 0.05, whatever else comes; "
        "0/2 against 0/2 completed, 2 of 6 blocks"
    )
    assert (0, [verdict, "done: 4 of 4 runs have a result"]) == (told.code, told.lines[-2:])
    assert [[True, False]] * 2 == [sorted((a["memory"], b["memory"]), reverse=True) for a, b in _pairs(tmp_path)]
    again = harness(*NOTHING, "sweep.replicates=6")
    assert (0, [verdict, "nothing left to do: 4 of 4 runs have a result"]) == (again.code, again.lines)
    assert 4 == len(ledger(tmp_path))
    kept = decisions_of(tmp_path, "reverse-memory")
    assert ({"sweeper": "contrast", "stop": "curtail"}, 0.05, "two", True) == tuple(
        kept[key] for key in ("rule", "alpha", "side", "simulated")
    )
    assert (False, "whatever else comes", 2, 6) == tuple(
        kept["contrasts"][0][key] for key in ("significant", "reason", "stopped_after_block", "blocks")
    )


def _pairs(folder: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The runs made, block by block; each of them whole."""
    lines = ledger(folder)
    pairs = list(zip(lines[::2], lines[1::2], strict=True))
    assert all(a["block"] == b["block"] for a, b in pairs)
    return pairs


@pytest.mark.go
def test_evidence_that_was_declared_ends_a_contrast(harness: Command, tmp_path: Path) -> None:
    """One arm completes all, the other nothing: five blocks are evidence enough of twenty, and the rest is not run."""
    told = harness(
        *("-m", "hydra/sweeper=contrast", "task=reverse", "model=nop,oracle", "max_iters=1"),
        *("sweep.baseline=nop", "sweep.replicates=20", "sweep.stop=evalue"),
    )
    assert (0, 10) == (told.code, len(ledger(tmp_path)))
    assert (
        "model: oracle against nop (simulated): significant at 0.05, its e-process reached 20; "
        "5/5 against 0/5 completed, 5 of 20 blocks"
    ) == told.lines[-2]
    assert {"sweeper": "contrast", "stop": "evalue"} == decisions_of(tmp_path, "reverse-model")["rule"]
    declared = json.loads((tmp_path / "outputs" / "sweeps" / "reverse-model.json").read_text())
    assert [{"sweeper": "contrast", "stop": "evalue"}] == [entry["rule"] for entry in declared]


def test_only_the_arm_that_is_decided_ends(harness: Command, tmp_path: Path) -> None:
    """Against a baseline that completes nothing one arm fares no better and is dropped, the other goes on."""
    argv = ("-m", "hydra/sweeper=contrast", "task=reverse", "model=nop", "max_iters=1", "lever=none,digest,nudge_act")
    argv = (*argv, "sweep.replicates=6", "sweep.dry_run=true")
    planned = rows(harness(*argv).out)
    for row in planned[:12]:
        record(tmp_path, row, "completed" if "lever=digest" in row[3] else "stagnated")
    told = harness(*argv)
    left = {row[3].split(" ")[1]: row[4] for row in rows(told.out)[12:]}
    assert {"lever=none": "missing", "lever=digest": "missing", "lever=nudge_act": "not needed"} == left
    assert "18 runs: 12 done, 4 to run; about 0.07 h (4.0 min) by the medians of past runs" in told.out.splitlines()
    assert told.out.splitlines()[-1].startswith("lever: nudge_act against none (simulated): not significant")


@pytest.mark.parametrize(("outcome", "state"), [("fault", "missing, fault ×1"), ("stagnated", "not needed")])
def test_a_fault_decides_nothing(harness: Command, tmp_path: Path, outcome: str, state: str) -> None:
    """What a result would have made certain stays open, and the run is made again."""
    argv = (*NOTHING, "sweep.replicates=6", "sweep.dry_run=true")
    planned = rows(harness(*argv).out)
    for row in planned[:3]:
        record(tmp_path, row, "stagnated")
    record(tmp_path, planned[3], outcome)
    found = [row[4] for row in rows(harness(*argv).out)[3:]]
    assert state in found


def test_a_search_tells_where_it_is_and_ends_at_its_budget(harness: Command, tmp_path: Path) -> None:
    """Every step and the end; a second start says the same, and makes nothing."""
    told = harness(*FLOOR, "model=nop", "sweep.budget=2")
    steps = [line for line in told.lines if line.startswith("floor of sim-nop on reverse (simulated): ")]
    assert (0, 2, 2) == (told.code, len(steps), len(ledger(tmp_path)))
    assert steps[1].endswith("; 2 of at most 2 runs, all 2 runs have a result")
    assert "done: 2 of 2 runs have a result" == told.lines[-1]
    again = harness(*FLOOR, "model=nop", "sweep.budget=2")
    assert [steps[1], "nothing left to do: 2 of 2 runs have a result"] == again.lines
    kept = decisions_of(tmp_path, "reverse-ctx_limit")
    made = {limit: one["runs"] for limit, one in kept["limits"].items() if one["runs"]}
    assert made == {str(line["ctx_limit"]): 1 for line in ledger(tmp_path)}
    assert (True, None) == (kept["simulated"], kept["floor"]["high"])


def test_a_floor_beyond_the_limits_is_not_searched_for(harness: Command, tmp_path: Path) -> None:
    """Nothing completes even at the highest: the search says so long before its budget, and names no number."""
    told = harness(*FLOOR, "model=nop")
    assert told.lines[-2].startswith("floor of sim-nop on reverse (simulated): above 13000 tokens, 95%; ")
    assert told.lines[-2].endswith("of at most 30 runs, the floor lies beyond the limits given")
    assert {"low": None, "middle": None, "high": None} == decisions_of(tmp_path, "reverse-ctx_limit")["floor"]


RUNS_ENOUGH = 10
"""Runs at each of two limits that leave no doubt of a steep curve between them."""


def test_an_interval_that_is_narrow_enough_ends_a_search(harness: Command, tmp_path: Path) -> None:
    """The results lie in the ledger already; nothing is left to do."""
    argv = (*FLOOR, "model=nop", "sweep.width=2500")
    cells = {row.split()[0]: row.split()[1] for row in _table(harness(*argv, "sweep.dry_run=true").out)}
    for replicate in range(1, RUNS_ENOUGH + 1):
        for limit, outcome in (("9000", "stagnated"), ("11000", "completed")):
            line = {"cell": cells[limit], "replicate": replicate, "outcome": outcome}
            Ledger(tmp_path / "outputs" / "runs.jsonl").append(line)
    told = harness(*argv)
    assert (0, 2 * RUNS_ENOUGH) == (told.code, len(ledger(tmp_path)))
    assert told.lines[0].endswith("; 20 of at most 30 runs, the 99.5% interval is no wider than 2500 tokens")


def _table(out: str) -> list[str]:
    return out.partition("\n\n")[0].splitlines()[1:]


@pytest.mark.parametrize(
    ("tried", "retry", "following"),
    [
        ([], "all", "reverse ctx_limit=9000 r1"),
        (["fault"], "all", "reverse ctx_limit=9000 r1"),
        (["fault"], "none", "reverse ctx_limit=9000 r2"),
    ],
)
def test_a_fault_tells_a_search_nothing(
    harness: Command, tmp_path: Path, tried: list[str], retry: str, following: str
) -> None:
    """It is run again where it was, or by another replicate if that is not wanted; the next limit stays the same."""
    argv = (*FLOOR, "model=nop", f"sweep.retry={retry}", "sweep.dry_run=true")
    cells = {row.split()[0]: row.split()[1] for row in _table(harness(*argv).out)}
    for outcome in tried:
        line = {"cell": cells["9000"], "replicate": 1, "outcome": outcome}
        Ledger(tmp_path / "outputs" / "runs.jsonl").append(line)
    out = harness(*argv).out.splitlines()
    assert [f"next: {following}"] == [line for line in out if line.startswith("next: ")]
    assert "30 runs: 0 done, 30 to run at most" in out


def test_a_dry_run_tells_the_rule_and_leaves_nothing(harness: Command, tmp_path: Path) -> None:
    """What would be made at most, and when it would stop."""
    contrast = harness(*NOTHING, "sweep.replicates=6", "sweep.stop=evalue", "sweep.dry_run=true").out.splitlines()
    assert (
        "12 runs at most: after each block, an arm ends if its e-process has reached 20, or no longer can "
        "(sweep.stop=evalue)"
    ) == contrast[-1]
    floor = harness(*FLOOR, "sweep.budget=8", "sweep.width=900", "sweep.dry_run=true").out.splitlines()
    assert (
        "8 runs at most, each at the limit that is expected to tell most about the floor; "
        "fewer if the floor is known to 900 tokens before"
    ) == floor[-2]
    assert [] == list(tmp_path.iterdir())


MISUSE = {
    "contrast memory=true": "hydra/sweeper=contrast: needs a factor of two or more levels, such as memory=true,false",
    "contrast memory=true,false lever=none,digest": (
        "sweep.contrast is missing: hydra/sweeper=contrast needs one of memory, lever"
    ),
    "contrast ctx_limit=1,2,3 sweep.replicates=9": "sweep.baseline=: must be one of 1, 2, 3",
    "contrast memory=true,false sweep.contrast=lever": "sweep.contrast=lever: must be a factor of the sweep: memory",
    "contrast memory=true,false sweep.replicates=3": (
        "sweep.replicates=3: too few to show anything of memory=true: its smallest p is 0.1, sweep.alpha=0.05"
    ),
    "contrast memory=true,false sweep.replicates=3 sweep.stop=evalue": (
        "sweep.replicates=3: too few to show anything of memory=true: "
        f"the e-process can reach {EProcess(Side.two).best(3):.3g}, 1/sweep.alpha is 20"
    ),
    "contrast model=nop,qwen3_6_35b sweep.baseline=nop sweep.replicates=9": (
        "model: simulated and real subjects are never compared"
    ),
    "contrast memory=true,false sweep.stop=never": "sweep.stop=never: must be one of: curtail, evalue or null",
    "contrast memory=true,false sweep.budget=9": "sweep.budget is given: needs hydra/sweeper=threshold",
    "contrast memory=true,false sweep.margin=0.2": "sweep.margin is given: needs hydra/sweeper=grid",
    "grid memory=true,false sweep.stop=evalue": "sweep.stop is given: needs hydra/sweeper=contrast",
    "grid memory=true,false sweep.width=9": "sweep.width is given: needs hydra/sweeper=threshold",
    "floor ctx_limit=1,2,3 memory=true,false": "memory: hydra/sweeper=threshold varies ctx_limit and nothing else",
    "floor ctx_limit=1,2,3 replicate=1,2": "replicate: hydra/sweeper=threshold varies ctx_limit and nothing else",
    "floor ctx_limit=7000": "ctx_limit=7000: hydra/sweeper=threshold needs three or more limits to search among",
    "floor ctx_limit=0,1,2": "ctx_limit=0: hydra/sweeper=threshold searches along limits, and this is none",
    "floor ctx_limit=1,2,3 sweep.replicates=2": (
        "sweep.replicates=2: hydra/sweeper=threshold compares no arms, and decides how often each runs"
    ),
    "floor ctx_limit=1,2,3 sweep.contrast=ctx_limit": (
        "sweep.contrast=ctx_limit: hydra/sweeper=threshold compares no arms, and decides how often each runs"
    ),
    "floor ctx_limit=1,2,3 sweep.budget=0": "sweep.budget=0: must be 1 or more runs",
    "floor ctx_limit=1,2,3 sweep.width=0": "sweep.width=0.0: must be more than 0 tokens",
}


@pytest.mark.parametrize("argv", MISUSE)
def test_what_cannot_be_decided_is_refused(harness: Command, tmp_path: Path, argv: str) -> None:
    """In one line, before anything is run or written."""
    told = harness("-m", *f"hydra/sweeper={argv}".split())
    assert (2, [f"harness: {MISUSE[argv]}"], []) == (told.code, told.lines, list(tmp_path.iterdir()))


def _search(folder: Path) -> "subprocess.Popen[str]":
    """A search that takes many runs, in a process of its own: its interval must hold nearly everything."""
    argv = [sys.executable, "-m", "harness", *FLOOR, "model=oracle", "sweep.alpha=0.0001", "sweep.budget=4"]
    return subprocess.Popen(
        argv, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True, stderr=subprocess.PIPE
    )


def _made(folder: Path) -> list[tuple[int, int, int, str]]:
    return [(line["position"], line["ctx_limit"], line["replicate"], line["outcome"]) for line in ledger(folder)]


@pytest.mark.go
def test_a_search_that_is_killed_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    """The same runs in the same order, each once: what is next follows from the ledger alone."""
    (quiet := tmp_path / "quiet").mkdir()
    (stormy := tmp_path / "stormy").mkdir()
    _search(quiet).communicate(timeout=600)
    process = _search(stormy)
    deadline = time.monotonic() + 60
    while len(ledger(stormy)) < 1:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=600)
    assert len(ledger(stormy)) < 4
    last = _search(stormy)
    last.communicate(timeout=600)
    assert 0 == last.returncode
    assert _made(quiet) == _made(stormy)
