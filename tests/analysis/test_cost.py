"""What a completed task costs: per arm and per server, faults apart, the unknown left unknown."""

import json
from typing import Any

import pytest
from ledger_lines import Ask, Line, WriteLedger, line

Q4: dict[str, Any] = {"fingerprint": {"quant": "Q4_K - Medium", "version": "b1"}, "endpoint": "http://a/v1"}
Q8: dict[str, Any] = {"fingerprint": {"quant": "Q8_0", "version": "b1"}, "endpoint": "http://a/v1"}


def spent(run_id: str, outcome: str, seconds: float | None, tokens: int, joules: float | None, **more: Any) -> Line:
    """A run that spent so much."""
    measured = {"duration_sec": seconds, "total_tokens": tokens, "joules": joules}
    return line(run_id, outcome=outcome, **({"server": Q4} | measured | more))


def cost(ask: Ask, path: object, *more: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows and notes of the table."""
    code, out, err = ask("cost", "--runs", path, "--json", *more)
    assert (0, "") == (code, err)
    table = json.loads(out)["tables"]["cost"]
    return table["rows"], table["notes"]


def test_a_completed_task_costs_all_that_its_arm_spent(write_ledger: WriteLedger, ask: Ask) -> None:
    """Failures are paid for by completions; faults and interruptions are apart, and in no figure of them."""
    path = write_ledger(
        spent("a", "completed", 100, 1000, 50),
        spent("b", "stagnated", 200, 3000, 70),
        spent("c", "completed", 60, 500, 30),
        spent("d", "fault", 999, 7000, 5),
        spent("e", "interrupted", 1, 1, None),
    )
    [row], _ = cost(ask, path)
    assert (2, 3, 1, 1) == tuple(row[name] for name in ("completed", "runs", "fault", "interrupted"))
    names = [f"{name}_per_completed" for name in ("seconds", "tokens", "joules")]
    assert [180, 2250, 75] == [row[name] for name in names]
    assert [1000, 7001, 5] == [row[f"lost_{name}"] for name in ("seconds", "tokens", "joules")]


def test_without_a_completion_there_is_no_cost(write_ledger: WriteLedger, ask: Ask) -> None:
    """Neither zero nor infinite: what was spent is there, and what a completion costs is unknown."""
    [row], _ = cost(ask, write_ledger(spent("a", "budget", 10, 20, 30)))
    assert (10, None, None, None) == (row["seconds"], row["seconds_per_completed"], row["joules_per_completed"], None)


def test_what_was_not_measured_is_left_out_and_said(write_ledger: WriteLedger, ask: Ask) -> None:
    """With its completions: a run without a meter cost no zero joules."""
    path = write_ledger(spent("a", "completed", 10, 5, 40), spent("b", "completed", None, 5, None))
    [row], notes = cost(ask, path)
    assert (40, 10, 5) == (row["joules_per_completed"], row["seconds_per_completed"], row["tokens_per_completed"])
    assert "joules: unknown of 1 of 2 results, which are left out with their completions" in notes
    [row], _ = cost(ask, write_ledger(spent("a", "completed", 10, 5, None)))
    assert row["joules_per_completed"] is None
    assert row["joules"] is None


def test_servers_and_subjects_are_never_pooled(write_ledger: WriteLedger, ask: Ask) -> None:
    """Not even where their rows are asked for by something else; a simulated subject is named as one."""
    path = write_ledger(
        spent("a", "completed", 10, 5, 1),
        spent("b", "completed", 30, 5, 1, server=Q8),
        spent("c", "completed", 50, 5, 1, server={}),
        spent("d", "completed", 70, 5, 1, simulated=True, server={}),
    )
    rows, _ = cost(ask, path, "--by", "memory")
    assert [10, 30, 50, 70] == sorted(row["seconds_per_completed"] for row in rows)
    assert 3 == len({row["server.fingerprint"] for row in rows})
    rows, _ = cost(ask, path, "--by", "server.quant", "--where", "simulated=false")
    assert {("Q4_K - Medium", 10.0), ("Q8_0", 30.0), (None, 50.0)} == {
        (row["server.quant"], row["seconds_per_completed"]) for row in rows
    }


def test_speeds_are_medians_over_what_is_known(write_ledger: WriteLedger, ask: Ask) -> None:
    """A run of unknown speed is not one that stood still."""
    speeds = [{"decode_tokens_per_sec": speed} for speed in (10.0, 30.0, None, 50.0)]
    path = write_ledger(*(spent(str(n), "completed", 1, 1, 1, **speed) for n, speed in enumerate(speeds)))
    [row], _ = cost(ask, path)
    assert (30.0, None) == (row["decode_tokens_per_sec"], row["prefill_tokens_per_sec"])


def test_lines_of_the_original_have_a_cost_too(write_ledger: WriteLedger, ask: Ask) -> None:
    """Time and tokens stand on them; their servers are unknown."""
    original = line(None, outcome="completed", duration_sec=5.0, total_tokens=7)
    [row], _ = cost(ask, write_ledger(original))
    assert (5.0, 7.0, None) == (row["seconds_per_completed"], row["tokens_per_completed"], row["server.fingerprint"])


def test_rates_by_what_a_server_reports(write_ledger: WriteLedger, ask: Ask) -> None:
    """Its fingerprint is looked into first, then the rest of what is known; what no run reports is one line."""
    lines = [line("a", server=Q4, outcome="completed"), line("b", server=Q4), line("c", server=Q8), line("d")]
    path = write_ledger(*lines)
    _, out, _ = ask("rates", "--runs", path, "--by", "server.quant,server.version,server.endpoint", "--json")
    rows = json.loads(out)["tables"]["rates"]["rows"]
    shown = {(row["server.quant"], row["server.version"], row["server.endpoint"], row["runs"]) for row in rows}
    expected = {("Q4_K - Medium", "b1", "http://a/v1", 2), ("Q8_0", "b1", "http://a/v1", 1), (None, None, None, 1)}
    assert expected == shown
    _, out, _ = ask("rates", "--runs", path, "--where", "server.quant=Q8_0", "--json")
    assert [1] == [row["runs"] for row in json.loads(out)["tables"]["rates"]["rows"]]
    _, out, _ = ask("table", "--runs", path, "--by", "server.kv", "--json")
    # Two quantisations of one arm, and a server that reports nothing, are rows of their own.
    rows = json.loads(out)["tables"]["rates"]["rows"]
    assert [(None, 1), (None, 1), (None, 2)] == sorted((row["server.kv"], row["runs"]) for row in rows)


@pytest.mark.parametrize(
    "arguments",
    [
        ("rates", "--by", "server.colour"),
        ("rates", "--by", "server."),
        ("cost", "--by", "server.a'b"),
        ("rates", "--where", 'server.a"=1'),
        ("cost", "--by", "colour"),
    ],
)
def test_a_fact_that_is_none_is_one_line(write_ledger: WriteLedger, ask: Ask, arguments: tuple[str, ...]) -> None:
    """Exit code 2, before anything is computed."""
    code, out, err = ask(*arguments, "--runs", write_ledger(line("a", server=Q4)))
    assert (2, "", 1) == (code, out, len(err.splitlines()))


def test_a_server_that_is_no_object_is_unknown(write_ledger: WriteLedger, ask: Ask) -> None:
    """A ledger may hold anything."""
    rows, _ = cost(
        ask, write_ledger(spent("a", "completed", 1, 1, 1, server="x"), spent("b", "completed", 3, 1, 1, server=None))
    )
    assert [2.0] == [row["seconds_per_completed"] for row in rows]
