"""Ladders, loads and designs on the command line."""

import json

from ledger_lines import Ask, WriteLedger, line


def test_the_ladder_finds_the_floor(write_ledger: WriteLedger, ask: Ask) -> None:
    """Eight runs that all fail at 9000 and all complete at 11000 put the floor between them."""
    path = write_ledger(
        *(line(f"a{n}", ctx_limit=9000) for n in range(8)),
        *(line(f"b{n}", outcome="completed") for n in range(8)),
        *(line(f"c{n}", ctx_limit=0, outcome="completed") for n in range(8)),
    )
    code, out, _ = ask("ladder", "--runs", path)
    assert (0, True) == (code, "floor: 11000 (95%: above 9000, at most 11000)" in out)
    assert "no limit" in out


def test_a_ladder_needs_two_rungs(write_ledger: WriteLedger, ask: Ask) -> None:
    """One budget is no ladder; that is an error of one line."""
    code, _, err = ask("ladder", "--runs", write_ledger(line("a")))
    assert (2, 1) == (code, len(err.splitlines()))


def test_load_is_told_in_medians(write_ledger: WriteLedger, ask: Ask) -> None:
    """36 loads to 3 acts, 92,000 bytes over 4 passes, at 4 bytes a token of 11,000; missing counters stay missing."""
    bare = {key: value for key, value in line(None).items() if key not in ("tool_counts", "read_bytes")}
    path = write_ledger(*(line(str(n)) for n in range(6)), bare)
    _, out, _ = ask("load", "--runs", path, "--pool-original", "--json")
    (row,) = json.loads(out)["tables"]["load"]["rows"]
    assert (7, 12.0, 23000.0, 23000 / 4 / 11000) == tuple(
        row[k] for k in ("runs", "load_act", "bytes_per_pass", "share")
    )
    assert [12.0, 12.0] == row["load_act_interval"]


def test_power_tells_what_a_design_can_show(ask: Ask) -> None:
    """Three runs an arm cannot reach 0.05 whatever happens; hours count both arms and all strata."""
    _, out, _ = ask("power", "--n", "3,10", "--minutes", "30", "--json")
    three, ten = json.loads(out)["tables"]["power"]["rows"]
    assert (0.0, None, 3.0) == (three["power"], three["detectable"], three["hours"])
    assert round(three["smallest_p"], 9) == 0.1
    _, out, _ = ask("power", "--n", "10", "--minutes", "30", "--strata", "2", "--json")
    (both,) = json.loads(out)["tables"]["power"]["rows"]
    assert (10.0, 20.0) == (ten["hours"], both["hours"])
    assert both["power"] > ten["power"]


def test_designs_that_cannot_be_are_refused(ask: Ask) -> None:
    """Sizes and rates outside their range: one line, code 2."""
    for arguments in (
        ["--n", "0"],
        ["--n", "x"],
        ["--n", "9999"],
        ["--base", "1.5"],
        ["--alpha", "0"],
        ["--minutes", "-1"],
    ):
        code, out, err = ask("power", *arguments)
        assert (2, "", 1) == (code, out, len(err.splitlines()))
