"""Rates: what is counted together, what is not, and what is said of it."""

import json
from pathlib import Path

from ledger_lines import Ask, WriteLedger, line


def rows(text: str, table: str = "rates") -> list[dict[str, object]]:
    """Rows of one table of a JSON report."""
    found: list[dict[str, object]] = json.loads(text)["tables"][table]["rows"]
    return found


def test_rates_count_results_only(write_ledger: WriteLedger, ask: Ask) -> None:
    """Completed over all results; faults and interruptions stand beside and in no denominator."""
    outcomes = ["completed", "completed", "stagnated", "budget", "fault", "interrupted"]
    path = write_ledger(*(line(str(n), outcome=outcome) for n, outcome in enumerate(outcomes)))
    code, out, _ = ask("rates", "--runs", path, "--json")
    (row,) = rows(out)
    assert (0, 2, 4, 0.5, 1, 1) == (code, *(row[key] for key in ("completed", "runs", "rate", "fault", "interrupted")))


def test_a_run_that_its_server_ended_is_no_result(write_ledger: WriteLedger, ask: Ask) -> None:
    """Given up on after a failed call, a run counts as a fault; one that recovered or completed does not."""
    server_gone = [
        line("a", outcome="stagnated", pass_reasons=["context", "error", "error", "error"]),
        line("b", outcome="budget", pass_reasons=["context", "error"]),
    ]
    results = [
        line("c", outcome="stagnated", pass_reasons=["error", "context"]),
        line("d", outcome="completed", pass_reasons=["context", "error"]),
        line("e", outcome="stagnated", pass_reasons=None),
    ]
    _, out, _ = ask("rates", "--runs", write_ledger(*server_gone, *results), "--json")
    assert [(1, 3, 2)] == [(row["completed"], row["runs"], row["fault"]) for row in rows(out)]


def test_a_group_of_faults_has_no_rate(write_ledger: WriteLedger, ask: Ask) -> None:
    """Where nothing is a result, the rate is missing and not 0."""
    _, out, _ = ask("rates", "--runs", write_ledger(line("a", outcome="fault")), "--json")
    assert [(0, None, None)] == [(row["runs"], row["rate"], row["wilson"]) for row in rows(out)]


def test_simulated_and_real_runs_are_never_pooled(write_ledger: WriteLedger, ask: Ask) -> None:
    """Asked to count by something else, they are still apart, and a simulated subject is named as such first."""
    path = write_ledger(line("a", simulated=True, outcome="completed"), line("b"))
    _, out, _ = ask("rates", "--runs", path, "--by", "ctx_limit", "--json")
    assert [(False, 0, 1), (True, 1, 1)] == [(row["simulated"], row["completed"], row["runs"]) for row in rows(out)]
    _, out, _ = ask("rates", "--runs", write_ledger(line("a", simulated=True)))
    assert out.startswith("SIMULATED SUBJECT")


def test_kinds_of_proof_are_never_pooled(write_ledger: WriteLedger, ask: Ask) -> None:
    """Asked to count by something else, they are still apart; a line above the table names them."""
    path = write_ledger(line("a", proof="tokens", outcome="completed"), line("b", proof="status"))
    _, out, _ = ask("rates", "--runs", path, "--by", "ctx_limit", "--json")
    assert [("status", 0, 1), ("tokens", 1, 1)] == [(row["proof"], row["completed"], row["runs"]) for row in rows(out)]
    _, out, _ = ask("rates", "--runs", path, "--by", "ctx_limit")
    assert out.startswith("proof: status, tokens (docs/gate.md)")


def test_an_unknown_proof_is_stated(write_ledger: WriteLedger, ask: Ask) -> None:
    """Lines older than the field stay with the others, and the line above says so; without any, there is no line."""
    path = write_ledger(line("a", proof="tokens"), line("b"))
    _, out, _ = ask("rates", "--runs", path)
    assert out.startswith("proof: tokens; unknown for older lines (docs/gate.md)")
    _, out, _ = ask("rates", "--runs", path, "--json")
    assert [2] == [row["runs"] for row in rows(out)]
    assert "proof" not in ask("rates", "--runs", write_ledger(line("a")))[1]


def test_agents_are_a_factor(write_ledger: WriteLedger, ask: Ask) -> None:
    """Lines older than the field are of the built-in agent; two versions of an agent are two experiments."""
    other = {"agent": "pi", "system_sha256": "f" * 64}
    path = write_ledger(
        line("a"),
        line("b", agent="builtin"),
        line("c", **other, agent_version="1.0"),
        line("d", **other, agent_version="1.1"),
    )
    _, out, _ = ask("rates", "--runs", path, "--json")
    assert [("builtin", 2), ("pi", 1), ("pi", 1)] == [(row["agent"], row["runs"]) for row in rows(out)]


def test_toolsets_are_a_factor(write_ledger: WriteLedger, ask: Ask) -> None:
    """Lines older than the choice had the classic six."""
    path = write_ledger(line("a"), line("b", toolset="classic"), line("c", toolset="full"))
    _, out, _ = ask("rates", "--runs", path, "--json")
    assert [("classic", 2), ("full", 1)] == [(row["toolset"], row["runs"]) for row in rows(out)]


def test_tasks_models_and_seeds_are_never_pooled(write_ledger: WriteLedger, ask: Ask) -> None:
    """Whenever more than one occurs they are shown; a second seed of the same task is a second experiment."""
    path = write_ledger(
        line("a"),
        line("b", task="examples/calc/PROMPT.md", seed_sha256="1" * 64),
        line("c", model="other"),
        line("d", task="examples/calc/PROMPT.md", seed_sha256="2" * 64),
    )
    _, out, _ = ask("rates", "--runs", path, "--by", "memory", "--json")
    shown = [(row["task"], row["model"], row["seed_sha256"]) for row in rows(out)]
    expected = [
        ("apikit", "other", None),
        ("apikit", "small-model", None),
        ("calc", "small-model", "1" * 12),
        ("calc", "small-model", "2" * 12),
    ]
    assert expected == shown


def test_seeds_that_only_differ_by_task_are_not_shown(write_ledger: WriteLedger, ask: Ask) -> None:
    """Every task has its own seed: that alone adds no column."""
    path = write_ledger(line("a", seed_sha256="1"), line("b", task="examples/calc/PROMPT.md", seed_sha256="2"))
    _, out, _ = ask("rates", "--runs", path, "--json")
    assert [False, False] == ["seed_sha256" in row for row in rows(out)]


def test_what_varies_within_a_group_is_said(write_ledger: WriteLedger, ask: Ask) -> None:
    """Pooling over a factor is stated with its levels; without --by nothing is pooled."""
    path = write_ledger(line("a"), line("b", max_iters=300))
    _, out, _ = ask("rates", "--runs", path, "--by", "ctx_limit")
    assert "pooled over: max_iters 25, 300" in out
    _, out, _ = ask("rates", "--runs", path, "--json")
    assert [25, 300] == [row["max_iters"] for row in rows(out)]


def test_cells_that_differ_invisibly_are_said(write_ledger: WriteLedger, ask: Ask) -> None:
    """Two cells with the same factors differ in something that the ledger does not hold."""
    _, out, _ = ask("rates", "--runs", write_ledger(line("a", cell="x"), line("b", cell="y")))
    assert "2 cells that differ in what the ledger does not hold" in out


def test_unfinished_runs_are_counted_apart(write_ledger: WriteLedger, ask: Ask) -> None:
    """A run folder without a line in the ledger is told, and is in no group."""
    path: Path = write_ledger(line("done"), line("odd", outcome="exploded"))
    for name in ("done", "killed", "odd"):
        (path.parent / "runs" / name).mkdir(parents=True)
    _, out, _ = ask("rates", "--runs", path)
    assert "started and unfinished: 1 run (killed), counted in no rate" in out


def test_all_forms_hold_the_same_rates(write_ledger: WriteLedger, ask: Ask) -> None:
    """Plain, Markdown, CSV and JSON answer alike, and CSV keeps remarks off standard output."""
    path = write_ledger(line("a", outcome="completed"), line("b"), "torn")
    plain, markdown = ask("rates", "--runs", path)[1], ask("rates", "--runs", path, "--markdown")[1]
    assert "0.50  [0.09, 0.91]" in plain
    assert "| 0.50 | [0.09, 0.91] |" in markdown
    _, out, err = ask("rates", "--runs", path, "--csv")
    header, values = out.splitlines()
    assert ("1", "2", "0.5") == tuple(values.split(",")[1:4])
    assert header.startswith("table,completed,runs,rate,wilson_low,wilson_high,")
    assert "excluded: 1 line torn" in err


def test_an_empty_ledger_has_no_rates(write_ledger: WriteLedger, ask: Ask) -> None:
    """Nothing recorded is an answer, not an error."""
    code, out, _ = ask("rates", "--runs", write_ledger())
    assert (0, True) == (code, "(no runs)" in out)


def test_questions_that_make_no_sense_are_one_line(write_ledger: WriteLedger, ask: Ask) -> None:
    """Unknown factors, options, commands and files: exit code 2 and one line that names them."""
    path = write_ledger(line("a"))
    for arguments in (
        ("rates", "--runs", path, "--by", "colour"),
        ("rates", "--runs", path, "--where", "ctx_limit=lots"),
        ("rates", "--runs", path, "--json", "--csv"),
        ("rates", "--runs", path.parent / "gone.jsonl"),
        ("rates", "--colour"),
        ("guess",),
        (),
        ("contrast", "memory", "--runs", path),
        ("contrast", "colour", "--runs", path),
        ("contrast", "memory", "--runs", path, "--levels", "true"),
    ):
        code, out, err = ask(*arguments)
        assert (2, "", 1) == (code, out, len(err.splitlines()))
        assert err.startswith("error: ")
