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


def rates(ask: Ask, path: Path, *more: str) -> dict[str, Any]:
    """The table of rates."""
    code, out, err = ask("rates", "--runs", path, "--json", *more)
    assert (0, "") == (code, err)
    found: dict[str, Any] = json.loads(out)["tables"]["rates"]
    return found


def note(ask: Ask, path: Path) -> str:
    """The sentence on cells that are pooled."""
    [found] = [text for text in rates(ask, path)["notes"] if "cells that differ" in text]
    return str(found)


def test_cells_are_rows_of_their_own(write_ledger: WriteLedger, ask: Ask) -> None:
    """Settings of the configs tell rows apart, or are named with their values; what never makes a cell is neither."""
    path = write_ledger(line("a", cell="x"), line("b", cell="y"), line("c", cell="y"))
    task = {"verify": "go test ./..."}
    folder(path.parent, "a", replicate=1, task=task, limits={"memory_mb": 1}, model={"endpoint": "p", "salvage": True})
    folder(path.parent, "b", replicate=2, task=task, limits={"memory_mb": 2}, model={"endpoint": "q", "salvage": True})
    assert [(1, 1), (2, 2)] == [(row["limits.memory_mb"], row["runs"]) for row in rates(ask, path)["rows"]]
    pooled = rates(ask, path, "--by", "ctx_limit")
    assert ([3], ["pooled over: limits.memory_mb 1, 2"]) == ([row["runs"] for row in pooled["rows"]], pooled["notes"])


def test_versions_of_the_behaviour_are_never_pooled(write_ledger: WriteLedger, ask: Ask) -> None:
    """Whatever is asked for; an older line without one is stated with the others, not split off."""
    known = [line(name, behaviour=version) for name, version in (("a", 1), ("b", 2), ("c", 2))]
    rows = rates(ask, write_ledger(*known), "--by", "ctx_limit")["rows"]
    assert [(1, 1), (2, 2)] == [(row["behaviour"], row["runs"]) for row in rows]
    assert [2] == [row["runs"] for row in rates(ask, write_ledger(known[0], line("d")))["rows"]]


def test_what_cannot_be_looked_up_is_said(write_ledger: WriteLedger, ask: Ask) -> None:
    """Configs that are gone leave it unknown."""
    path = write_ledger(line("a", cell="x"), line("b", cell="y"), line("c", cell="z"))
    folder(path.parent, "a", stream=True)
    (path.parent / "runs" / "b").mkdir()
    (path.parent / "runs" / "b" / "config.json").write_text("torn {")
    assert "3 cells that differ in what the ledger does not hold: the run folders of 2 of them are gone" in note(
        ask, path
    )
    alone = note(ask, write_ledger(line("p", cell="x"), line("q", cell="y"), name="other.jsonl"))
    assert "differ in what the ledger does not hold: the run folders of 2 of them are gone" in alone
    assert alone.endswith("so what it is is unknown")


def test_the_same_configs_leave_texts_and_files(write_ledger: WriteLedger, ask: Ask) -> None:
    """Their hashes are what is left."""
    path = write_ledger(line("a", cell="x"), line("b", cell="y"))
    for run_id in ("a", "b"):
        folder(path.parent, run_id, stream=True)
    assert note(ask, path).endswith("nor their configs: a text or a file that these name was another")
