"""A plan before its launch: what would run in which order, what of it is done, and what it can show."""

import json
from pathlib import Path
from typing import Any

import pytest
from commands import Command

from harness.ledger import Ledger

GRID = ("-m", "task=reverse", "model=nop", "max_iters=1", "memory=true,false", "sweep.replicates=2")
DECLARED = ("sweep.contrast=memory", "sweep.baseline=false", "sweep.side=greater", "sweep.rate=1", "sweep.base_rate=0")


def rows(out: str) -> list[list[str]]:
    """The runs that a dry run lists: position, block, cell, label, state."""
    listed = out.partition("\n\n")[0].splitlines()[1:]
    return [[part.strip() for part in row.split("  ") if part.strip()] for row in listed]


def ledger(folder: Path) -> list[dict[str, Any]]:
    return list(Ledger(folder / "outputs" / "runs.jsonl").read())


def test_a_dry_run_tells_the_order_in_which_runs_are_made(harness: Command, tmp_path: Path) -> None:
    """Nothing is written; the sweep then keeps to the order, block by block; afterwards all is done."""
    told = harness(*GRID, "sweep.dry_run=true")
    assert (0, "", []) == (told.code, told.err, list(tmp_path.iterdir()))
    planned = rows(told.out)
    assert ["missing"] * 4 == [row[4] for row in planned]
    harness(*GRID)
    made = [[str(line[key]) for key in ("position", "block", "cell")] for line in ledger(tmp_path)]
    assert [row[:3] for row in planned] == made
    after = harness(*GRID, "sweep.dry_run=true")
    assert ["done"] * 4 == [row[4] for row in rows(after.out)]
    assert "4 runs: 4 done, 0 to run" in after.out.splitlines()


def test_hours_are_expected_from_past_runs(harness: Command, tmp_path: Path) -> None:
    """The median of the cell, else of the same task and model; what was never run is of unknown length."""
    assert "4 of them of unknown length" in harness(*GRID, "sweep.dry_run=true").out
    cells = [row[2] for row in rows(harness(*GRID, "sweep.dry_run=true").out)]
    book = Ledger(tmp_path / "outputs" / "runs.jsonl")
    common = {"model": "sim-nop", "task": "examples/reverse/PROMPT.md", "outcome": "budget"}
    for replicate, seconds in enumerate((3600, 7200, 9000), start=8):
        book.append({**common, "cell": cells[0], "replicate": replicate, "duration_sec": seconds})
    for replicate in (1, 2, 3, 4):
        book.append({**common, "cell": "other", "replicate": replicate, "duration_sec": 720})
    # One cell took 2 h by its median; the other's kind of run took 0.2 h by theirs.
    assert (
        "4 runs: 0 done, 4 to run; about 4.40 h (4.4 h) by the medians of past runs"
        in harness(*GRID, "sweep.dry_run=true").out.splitlines()
    )


def test_attempts_in_vain_are_told(harness: Command, tmp_path: Path) -> None:
    """How often and how, and whether the run is made again."""
    [first, *_] = rows(harness(*GRID, "sweep.dry_run=true").out)
    for outcome in ("fault", "fault", "interrupted"):
        line = {"outcome": outcome, "cell": first[2], "replicate": int(first[1])}
        Ledger(tmp_path / "outputs" / "runs.jsonl").append(line)
    assert "missing, fault ×2, interrupted ×1" == rows(harness(*GRID, "sweep.dry_run=true").out)[0][4]
    told = harness(*GRID, "sweep.dry_run=true", "sweep.retry=faults")
    assert "not run again (sweep.retry=faults), fault ×2, interrupted ×1" == rows(told.out)[0][4]
    assert "4 runs: 0 done, 3 to run" in told.out


def test_what_a_declared_contrast_can_show_is_told(harness: Command) -> None:
    """Its runs, the smallest p that they can reach, and the power at the rates declared."""
    told = harness(*GRID, *DECLARED, "sweep.alpha=0.2", "sweep.family=notes", "sweep.dry_run=true")
    assert [
        "memory: true against false, one-sided, more often at 0.2, family notes",
        "  runs: 2 against 2; smallest p: 0.17",
        "  power: 1.00, if the rates are 0 and 1",
    ] == told.out.splitlines()[-3:]


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        ("sweep.contrast=ctx_limit", "sweep.contrast=ctx_limit: must be a factor of the sweep: memory"),
        ("sweep.contrast=memory", "sweep.baseline=: must be one of false, true"),
        ("sweep.contrast=memory sweep.baseline=no", "sweep.baseline=no: must be one of false, true"),
        ("sweep.alpha=1", "sweep.alpha=1.0: must be more than 0, less than 1"),
        ("sweep.margin=0", "sweep.margin=0.0: must be null, or more than 0 and less than 1"),
        ("sweep.margin=0.1", "sweep.margin=0.1: needs sweep.contrast, the factor that it is about"),
        ("sweep.rate=2", "sweep.rate=2.0: must be 0 to 1"),
        ("sweep.side=both", "sweep.side=both: must be one of: two, greater, less"),
        ("sweep.retry=some", "sweep.retry=some: must be one of: all, faults, none"),
        ("sweep.wait_for_server=-1", "sweep.wait_for_server=-1.0: must be 0 (no wait) or more seconds"),
    ],
)
def test_what_cannot_be_declared_is_refused(harness: Command, tmp_path: Path, declared: str, line: str) -> None:
    """Before anything is run or written."""
    told = harness(*GRID, *declared.split())
    assert (2, [f"harness: {line}"], []) == (told.code, told.lines, list(tmp_path.iterdir()))


@pytest.mark.parametrize("margin", [None, 0.15])
def test_a_margin_is_declared_before_the_first_run(harness: Command, tmp_path: Path, margin: float | None) -> None:
    """It stands in the declaration, or nowhere: declarations without one stay as they were."""
    harness(*GRID, *DECLARED, "sweep.replicates=1", *([] if margin is None else [f"sweep.margin={margin}"]))
    [entry] = json.loads((tmp_path / "outputs" / "sweeps" / "reverse-memory.json").read_text())
    [contrast] = entry["contrasts"]
    assert (margin is not None, margin) == ("margin" in contrast, contrast.get("margin"))


def test_a_sweep_leaves_what_it_declared(harness: Command, tmp_path: Path) -> None:
    """Once for each plan: a sweep that is resumed adds nothing, one that was made larger says so."""
    for replicates in ("sweep.replicates=1", "sweep.replicates=1", "sweep.replicates=2"):
        harness(*GRID, *DECLARED, replicates)
    path = tmp_path / "outputs" / "sweeps" / "reverse-memory.json"
    first, second = json.loads(path.read_text())
    assert (2, 4) == (first["runs"], second["runs"])
    [contrast] = second["contrasts"]
    assert ("memory", "false", "true", "greater", 0.05, "reverse:memory") == tuple(
        contrast[key] for key in ("factor", "baseline", "level", "side", "alpha", "family")
    )
    assert [{"levels": {}, "runs": [2, 2]}] == contrast["strata"]
    assert {line["cell"] for line in ledger(tmp_path)} == set(second["cells"])
    assert [[1, 2]] * 2 == [cell["replicates"] for cell in second["cells"].values()]
