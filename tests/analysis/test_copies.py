"""Runs that are copies of each other count once; those that may be are named."""

import json
from typing import Any

import pytest
from ledger_lines import Ask, WriteLedger, line


def seeded(run_id: str, seed: int | None, text: str | None, **given: Any) -> dict[str, Any]:
    """A result with a sampling seed and a hash of its transcript."""
    return line(run_id, sampling_seed=seed, **({} if text is None else {"transcript_sha256": text}), **given)


def counted(ask: Ask, path: object, *more: str) -> tuple[int, list[str]]:
    """Runs that are counted, and the notes of the report."""
    code, out, err = ask("rates", "--runs", path, "--by", "task", "--json", *more)
    assert (0, "") == (code, err)
    report = json.loads(out)
    return sum(row["runs"] for row in report["tables"]["rates"]["rows"]), report["notes"]


@pytest.mark.parametrize("question", [["rates"], ["load"], ["drift"], ["runs"]])
def test_copies_count_once(write_ledger: WriteLedger, ask: Ask, question: list[str]) -> None:
    """The same seed and the same transcript in one cell, in any order, from any sweep; and every question says so."""
    copies = [seeded(f"c{number}", 7, "a", sweep=f"s{number}") for number in range(4)]
    path = write_ledger(*copies, seeded("other", 8, "b"))
    _, out, _ = ask(*question, "--runs", path, "--json")
    why = "excluded: 3 lines that repeat another run of their cell: same sampling seed, same outcome, same transcript"
    assert why in json.loads(out)["notes"]
    assert 2 == counted(ask, path)[0]


@pytest.mark.parametrize(
    "change",
    [
        {"sampling_seed": 8},
        {"sampling_seed": None},
        {"transcript_sha256": "b"},
        {"cell": "another"},
        {"outcome": "completed"},
        {"outcome": "fault"},
    ],
)
def test_runs_that_differ_are_no_copies(write_ledger: WriteLedger, ask: Ask, change: dict[str, Any]) -> None:
    """In seed, transcript, cell or outcome."""
    path = write_ledger(seeded("a", 7, "a"), seeded("b", 7, "a") | change)
    runs, notes = counted(ask, path)
    assert (2 - (change.get("outcome") == "fault"), []) == (runs, [one for one in notes if "repeat another" in one])


def test_older_lines_of_one_seed_are_counted_with_a_warning(write_ledger: WriteLedger, ask: Ask) -> None:
    """Without a hash nobody knows whether they are copies."""
    path = write_ledger(*(seeded(f"c{number}", 7, None) for number in range(4)), seeded("n", None, None))
    runs, notes = counted(ask, path)
    assert (5, True) == (runs, any(one.startswith("perhaps copies: 4 runs share") for one in notes))


def test_the_original_pools_with_ours_on_request(write_ledger: WriteLedger, ask: Ask) -> None:
    """Left out in one line where there are both, counted where it is alone or where it is asked for."""
    original = [line(None, duration_sec=float(number)) for number in range(3)]
    path = write_ledger(*original, line("ours"))
    runs, notes = counted(ask, path)
    said = "excluded: 3 lines of the original instrument, which --pool-original counts with the others"
    assert (1, [said]) == (runs, notes)
    assert (4, []) == counted(ask, path, "--pool-original")
    assert (3, []) == counted(ask, write_ledger(*original))
