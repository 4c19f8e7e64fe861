"""The page of what was measured: from the declarations and the ledger alone."""

from pathlib import Path

from declared_lines import Declare, entry, swept
from ledger_lines import Ask, WriteLedger, line

NAME = "measured_memory"


def test_without_a_ledger_every_grid_is_named_as_not_begun(ask: Ask, tmp_path: Path) -> None:
    """The page holds each question, and no number."""
    code, page, err = ask("measured", "--runs", tmp_path / "runs.jsonl")
    assert (0, "") == (code, err)
    assert page.count("not begun.") == page.count("## ")
    assert "No run was made yet." in page
    assert "|" not in page


def test_a_sweep_is_shown_with_its_declaration_its_test_and_its_cost(
    ask: Ask, write_ledger: WriteLedger, declare: Declare
) -> None:
    """What was declared, and when; rates and the declared test; what a completion cost; and what all runs cost."""
    declare(entry(NAME, runs=4))
    cost = {"duration_sec": 900.0, "total_tokens": 5000}
    runs = [*swept(3, 4, True, NAME, **cost), *swept(0, 4, False, NAME, **cost)]
    lost = line("lost", outcome="fault", sweep=NAME, cell=f"{NAME}-small-model-11000-true", **cost)
    code, page, err = ask("measured", "--runs", write_ledger(*runs, lost))
    assert (0, "") == (code, err)
    assert "`conf/sweep/measured_memory.yaml`: declared 2026-06-06 11:00 UTC, 8 runs." in page
    assert "8 runs with a result, and 1 that ended without a result (faults and interrupted runs): 2.2 hours" in page
    assert "45,000 tokens in all" in page
    assert "| false" in page
    assert "seconds/completed" in page


def test_a_simulated_run_is_refused(ask: Ask, write_ledger: WriteLedger) -> None:
    """The page is about real models: one line, exit code 2."""
    ledger = write_ledger(line("a", simulated=True))
    code, page, err = ask("measured", "--runs", ledger)
    assert (2, "") == (code, page)
    assert f"{ledger}: holds a simulated run" in err
