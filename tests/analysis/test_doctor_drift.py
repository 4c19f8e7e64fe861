"""Ledgers are examined and mended without losing a byte; outcomes are held against time."""

import json
from pathlib import Path

from ledger_lines import Ask, WriteLedger, line

from harness.ledger import Ledger
from harness.record import RunRecord


def test_a_healthy_ledger_has_nothing_to_find(write_ledger: WriteLedger, ask: Ask) -> None:
    """Whole lines, each run once: nothing is reported and nothing repaired."""
    path = write_ledger(line("a"), line("b"))
    before = path.read_bytes()
    code, out, _ = ask("doctor", "--runs", path, "--repair")
    assert (0, True, before) == (code, "nothing to find" in out, path.read_bytes())


def test_a_whole_record_has_nothing_to_find(write_ledger: WriteLedger, ask: Ask) -> None:
    """Every field that a run writes, mappings among them, is of the kind that the doctor expects."""
    whole = RunRecord.from_line(line("a", server_levels={"kv": "q8_0"})).as_dict()
    code, out, _ = ask("doctor", "--runs", write_ledger(whole))
    assert 0 == code, out


def test_every_kind_of_damage_is_found(write_ledger: WriteLedger, ask: Ask) -> None:
    """Torn lines by number, odd records, repeated runs and unknown folders are all told."""
    path = write_ledger(line("a"), '{"torn', line("a"), line("b", outcome="odd"), line("c", time="noon", passes=9))
    (path.parent / "runs" / "killed").mkdir(parents=True)
    code, out, _ = ask("doctor", "--runs", path, "--json")
    found = [row["where"] + ": " + row["finding"] for row in json.loads(out)["tables"]["doctor"]["rows"]]
    expected = [
        'line 2: torn: {"torn',
        "record 3: unknown outcome odd",
        "record 4: time noon cannot be read",
        "record 4: 9 passes, but 4 reasons",
        "a: on 2 lines, all alike",
        "killed: started and unfinished: under way, or killed",
    ]
    assert (1, expected) == (code, found)


def test_a_cell_whose_runs_had_their_tools_in_different_ways_is_found(write_ledger: WriteLedger, ask: Ask) -> None:
    """They are not comparable, and nothing but the server decided which run had which."""
    native, text = {"tools_mode": "native"}, {"tools_mode": "text"}
    odd = [line("a", **native), line("b", **native), line("c", **text)]
    path = write_ledger(*odd, line("d", ctx_limit=9000, **text), line("e", ctx_limit=9000), line("f", tools_mode=None))
    code, out, _ = ask("doctor", "--runs", path, "--json")
    rows = json.loads(out)["tables"]["doctor"]["rows"]
    expected = [("cell cell-None", "tools: native in 2 runs, text in 1 runs")]
    assert (1, expected) == (code, [(row["where"], row["finding"]) for row in rows])


def test_lost_records_come_back_and_nothing_is_deleted(write_ledger: WriteLedger, ask: Ask) -> None:
    """A record that never reached the ledger is appended after a torn tail; the old ledger is kept as it was."""
    path = write_ledger(line("a"))
    with path.open("a") as file:
        file.write('{"run_id": "torn')
    before = path.read_bytes()
    folder: Path = path.parent / "runs" / "lost"
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(json.dumps(line("lost")))
    assert ask("doctor", "--runs", path)[0] == 1
    assert before == path.read_bytes()
    ask("doctor", "--runs", path, "--repair")
    assert path.read_bytes().startswith(before)
    assert ["a", "lost"] == [one["run_id"] for one in Ledger(path).read()]
    assert [before] == [kept.read_bytes() for kept in path.parent.glob("*.kept")]


def test_a_record_of_another_run_is_not_brought_back(write_ledger: WriteLedger, ask: Ask) -> None:
    """Only a record that names its own folder is believed."""
    path = write_ledger(line("a"))
    folder = path.parent / "runs" / "lost"
    folder.mkdir(parents=True)
    (folder / "record.json").write_text(json.dumps(line("else")))
    _, out, _ = ask("doctor", "--runs", path, "--repair")
    assert ("is of another run" in out, 1) == (True, len(list(Ledger(path).read())))


def test_drift_is_seen_where_outcomes_moved_with_time(write_ledger: WriteLedger, ask: Ask) -> None:
    """Six failures and then six completions are no chance order; alternating ones are."""
    moved = [
        line(f"a{n}", time=f"2026-06-06T10:{n:02}:00Z", outcome="completed" if n > 5 else "budget") for n in range(12)
    ]
    steady = [
        line(f"b{n}", ctx_limit=9000, time=f"2026-06-06T10:{n:02}:30Z", outcome="completed" if n % 2 else "budget")
        for n in range(12)
    ]
    _, out, _ = ask("drift", "--runs", write_ledger(*moved, *steady), "--json")
    by_budget = {row["ctx_limit"]: row for row in json.loads(out)["tables"]["drift"]["rows"]}
    assert ("0/6", "6/6") == (by_budget[11000]["early"], by_budget[11000]["late"])
    assert by_budget[11000]["p"] < 0.01
    assert by_budget[9000]["p"] > 0.5
    assert by_budget["all"]["runs"] == 24


def test_values_of_the_wrong_kind_are_found(write_ledger: WriteLedger, ask: Ask) -> None:
    """A number where a switch belongs, and text where a number does; whole numbers pass for numbers."""
    path = write_ledger(line("a", memory=1, ctx_limit="many", temperature=1))
    _, out, _ = ask("doctor", "--runs", path, "--json")
    found = [row["finding"] for row in json.loads(out)["tables"]["doctor"]["rows"]]
    assert ["ctx_limit many is no whole number", "memory 1 is no switch"] == found
