"""What tells cells apart that agree in every factor: named where it can be known, and called unknown where not."""

import json
from pathlib import Path
from typing import Any

from ledger_lines import Ask, WriteLedger, line


def folder(root: Path, run_id: str, **config: Any) -> None:
    """The run folder of a run with this config."""
    path = root / "runs" / run_id
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps(config))


def note(ask: Ask, path: Path) -> str:
    """The sentence on cells that are pooled."""
    _, out, _ = ask("rates", "--runs", path, "--json")
    [found] = [text for text in json.loads(out)["tables"]["rates"]["notes"] if "cells that differ" in text]
    return str(found)


def test_the_difference_is_named_with_its_values(write_ledger: WriteLedger, ask: Ask) -> None:
    """Settings of the configs and the behaviour version; what never makes a cell is not among them."""
    path = write_ledger(
        line("a", cell="x", behaviour=1), line("b", cell="y", behaviour=2), line("c", cell="y", behaviour=2)
    )
    task = {"verify": "go test ./..."}
    folder(path.parent, "a", replicate=1, task=task, limits={"memory_mb": 1}, model={"endpoint": "p", "salvage": True})
    folder(path.parent, "b", replicate=2, task=task, limits={"memory_mb": 2}, model={"endpoint": "q", "salvage": True})
    expected = "pooled over: 2 cells that differ in behaviour version (1, 2); limits.memory_mb (1, 2)"
    assert expected == note(ask, path)


def test_what_cannot_be_looked_up_is_said(write_ledger: WriteLedger, ask: Ask) -> None:
    """Configs that are gone leave it unknown, wholly or beside what is known."""
    path = write_ledger(line("a", cell="x", behaviour=1), line("b", cell="y", behaviour=2), line("c", cell="z"))
    folder(path.parent, "a", stream=True)
    (path.parent / "runs" / "b").mkdir()
    (path.parent / "runs" / "b" / "config.json").write_text("torn {")
    expected = (
        "pooled over: 3 cells that differ in behaviour version (1, 2); the run folders of 2 of them are gone, "
        "with their configs, and what else differs is unknown"
    )
    assert expected == note(ask, path)
    alone = note(ask, write_ledger(line("p", cell="x"), line("q", cell="y"), name="other.jsonl"))
    assert "differ in what the ledger does not hold: the run folders of 2 of them are gone" in alone
    assert alone.endswith("so what it is is unknown")


def test_the_same_configs_leave_texts_and_files(write_ledger: WriteLedger, ask: Ask) -> None:
    """Their hashes are what is left."""
    path = write_ledger(line("a", cell="x"), line("b", cell="y"))
    for run_id in ("a", "b"):
        folder(path.parent, run_id, stream=True)
    assert note(ask, path).endswith("nor their configs: a text or a file that these name was another")
