"""Runs of task sets: what is pooled, and what is said of a public set."""

import json
import math
import statistics
from pathlib import Path
from typing import Any

import pytest
from ledger_lines import Ask, Line, WriteLedger, line
from statsmodels.stats.contingency_tables import mcnemar

from analysis.stats.clustered import clustered_rate
from analysis.stats.proportion import clopper_pearson


def task_line(run_id: str, task: str, **given: object) -> Line:
    """A run of a task of the set exercism/go."""
    of_set = {"task_set": "exercism/go", "task_public": True, "toolchain": "go", "proof": "tokens"}
    return line(run_id, **{"task": task, "cell": f"{task}-{given.get('model')}"} | of_set | given)


def test_sets_are_never_pooled(write_ledger: WriteLedger, ask: Ask) -> None:
    """A test of a factor runs across the tasks of a set, and not across sets."""
    lines = [
        task_line(f"{name}{memory}{task}", f"{name}/{task}", task_set=name, memory=memory)
        for name in ("exercism/go", "mine")
        for memory in (True, False)
        for task in ("a", "b")
    ]
    _, out, _ = ask("table", "--contrast", "memory", "--runs", write_ledger(*lines), "--json")
    rows = json.loads(out)["tables"]["contrasts"]["rows"]
    assert [("exercism/go", "0/2", "0/2"), ("mine", "0/2", "0/2")] == [
        (row["task_set"], row["a"], row["b"]) for row in rows
    ]


def test_every_table_of_a_public_set_says_that_models_have_seen_it(write_ledger: WriteLedger, ask: Ask) -> None:
    """The set is named; a set that nothing calls public is not."""
    path = write_ledger(task_line("a", "exercism/go/a"), task_line("b", "mine/b", task_set="mine", task_public=None))
    for command in ("rates", "runs", "cost", "table", "time", "pass-at-k", "load"):
        _, out, _ = ask(command, "--runs", path, "--json")
        head = [said for said in json.loads(out)["head"] if said.startswith("PUBLIC SET")]
        assert [True] == [said.startswith("PUBLIC SET: exercism/go: models have seen") for said in head], command
    _, out, _ = ask("rates", "--runs", write_ledger(task_line("a", "mine/b", task_set="mine", task_public=None)))
    assert "PUBLIC SET" not in out


def tables(path: Path, ask: Ask, *more: str) -> dict[str, Any]:
    """The tables of `tasks`, by name."""
    code, out, err = ask("tasks", "--runs", path, "--json", *more)
    assert (0, "") == (code, err)
    found: dict[str, Any] = json.loads(out)["tables"]
    return found


def set_lines(outcomes: dict[str, dict[str, str]], **given: object) -> list[Line]:
    """Runs of tasks by models: of each task and model a text of outcomes, + completed, - stagnated, ! a fault."""
    names = {"+": "completed", "-": "stagnated", "!": "fault"}
    return [
        task_line(
            f"{given.get('task_set', '')}{task}-{model}-{number}",
            task,
            **{"model": model, "outcome": names[sign], "replicate": number, "proof": None if sign == "!" else "tokens"}
            | {"total_tokens": 1000 * number, "passes": number, "duration_sec": 10.0}
            | given,
        )
        for task, models in outcomes.items()
        for model, signs in models.items()
        for number, sign in enumerate(signs, start=1)
    ]


def test_four_runs_of_one_model(write_ledger: WriteLedger, ask: Ask) -> None:
    """The score, its interval for tasks like these, how far a score of one run a task moves, and pass@k."""
    outcomes = {f"t{number}": {"m": signs} for number, signs in enumerate(["++++", "----", "+-+-", "+---", "++++"])}
    found = tables(write_ledger(*set_lines(outcomes)), ask)
    [row] = found["sets"]["rows"]
    counts = [(4, 4), (0, 4), (2, 4), (1, 4), (4, 4)]
    assert ("A", 5, 4, 11, 20) == tuple(row[name] for name in ("arm", "tasks", "solved", "completed", "runs"))
    assert statistics.fmean(k / n for k, n in counts) == pytest.approx(row["rate"])
    assert list(clustered_rate(counts).interval) == pytest.approx(row["rate_interval"])
    # By hand: k (n - k) / (n (n - 1)) is 1/3 and 1/4 for the two tasks that came out both ways.
    assert math.sqrt(1 / 3 + 1 / 4) / 5 == pytest.approx(row["run_to_run"])
    assert (1 + 0 + 5 / 6 + 1 / 2 + 1) / 5 == pytest.approx(row["pass_at_2"])
    assert 4 / 5 == pytest.approx(row["pass_at_4"])
    assert "set-contrasts" not in found
    assert ["t0", "t1", "t2", "t3", "t4"] == [one["task"] for one in found["tasks"]["rows"]]
    assert (2.5, 2500.0) == (found["tasks"]["rows"][2]["passes"], found["tasks"]["rows"][2]["total_tokens"])


def test_one_run_a_task_says_what_it_cannot_show(write_ledger: WriteLedger, ask: Ask) -> None:
    """The interval is the exact one of a rate; the run-to-run deviation and pass@2 are null; single tasks have no p."""
    outcomes = {f"t{number}": {"a": a, "b": b} for number, (a, b) in enumerate(["-+", "-+", "-+", "+-", "++", "--"])}
    path = write_ledger(*set_lines(outcomes))
    found = tables(path, ask)
    first = found["sets"]["rows"][0]
    assert list(clopper_pearson(2, 6)) == pytest.approx(first["rate_interval"])
    assert (None, None) == (first["run_to_run"], first.get("pass_at_2"))
    assert any(note.startswith("ONE RUN A TASK") for note in found["sets"]["notes"])
    [pair] = found["set-contrasts"]["rows"]
    assert mcnemar([[1, 1], [3, 1]], exact=True).pvalue == pytest.approx(pair["p"])
    assert pair["p"] == pytest.approx(pair["p_permutation"])
    assert ("2/6", "4/6", 1, 3) == (pair["a"], pair["b"], pair["a_ahead"], pair["b_ahead"])
    assert ["t3", "t0", "t1", "t2"] == [row["task"] for row in found["separating"]["rows"]]
    assert any("no single task shows a difference" in note for note in found["separating"]["notes"])
    _, out, _ = ask("tasks", "--runs", path)
    assert "pass@2" not in out.split("arms against each other")[0].split("ONE RUN")[0]


def test_scopes_are_never_put_together(write_ledger: WriteLedger, ask: Ask) -> None:
    """Sets, proofs, toolchains, behaviours, and simulated and real runs: each has rows and tests of its own."""
    outcomes = {f"t{number}": {"a": "+-", "b": "++"} for number in range(4)}
    scopes: list[dict[str, object]] = [
        {"task_set": "one"},
        {"task_set": "two"},
        {"task_set": "two", "proof": "status"},
        {"task_set": "three", "toolchain": "python"},
        {"task_set": "three", "toolchain": "go"},
        {"task_set": "four", "simulated": True},
        {"task_set": "four", "behaviour": 1},
        {"task_set": "four", "behaviour": 2},
        {"task_set": None},
    ]
    lines = [
        one | {"task": f"{number}/{one['task']}", "run_id": f"{number}{one['run_id']}"}
        for number, scope in enumerate(scopes)
        for one in set_lines(outcomes, **scope)
    ]
    found = tables(write_ledger(*lines), ask)
    assert [(4, 8)] * 2 * len(scopes) == [(row["tasks"], row["runs"]) for row in found["sets"]["rows"]]
    assert [("4/8", "8/8", 4)] * len(scopes) == [
        (row["a"], row["b"], row["tasks"]) for row in found["set-contrasts"]["rows"]
    ]
    scope = ("task_set", "simulated", "toolchain", "proof", "behaviour")
    assert len(scopes) == len({tuple(row[name] for name in scope) for row in found["set-contrasts"]["rows"]})


def test_faults_are_no_results_and_stay_with_their_arm(write_ledger: WriteLedger, ask: Ask) -> None:
    """A fault before the proof was settled is counted at its arm and task; what it could change is said."""
    outcomes = {f"t{number}": {"a": "----", "b": "++++"} for number in range(2)} | {"t2": {"a": "-!--", "b": "!!!!"}}
    outcomes["t3"] = {"b": "!"}
    found = tables(write_ledger(*set_lines(outcomes)), ask)
    rows = [(row["arm"], row["tasks"], row["runs"], row["fault"], row["without"]) for row in found["sets"]["rows"]]
    assert [("A", 3, 11, 1, 1), ("B", 2, 8, 5, 2)] == rows
    [pair] = found["set-contrasts"]["rows"]
    assert (2, 2, "0/8", "8/8") == (pair["tasks"], pair["alone"], pair["a"], pair["b"])
    assert (1, 4) == (pair["missing_a"], pair["missing_b"])
    assert pair["p"] < pair["p_worst"]
    lost = [row for row in found["tasks"]["rows"] if row["task"] == "t2" and row["arm"] == "B"]
    assert [(0, 4, None, None)] == [(row["runs"], row["fault"], row["rate"], row["exact_interval"]) for row in lost]


def test_rates_by_difficulty(write_ledger: WriteLedger, ask: Ask) -> None:
    """By what the set states; a task without a difficulty is a row of its own, not of difficulty 0."""
    lines = [
        *set_lines({"t0": {"a": "++"}, "t1": {"a": "+-"}}, task_difficulty=1),
        *set_lines({"t2": {"a": "--"}}, task_difficulty=5),
        *set_lines({"t3": {"a": "--"}}),
    ]
    rows = tables(write_ledger(*lines), ask)["difficulty"]["rows"]
    assert [(1, 2, 0.75), (5, 1, 0.0), (None, 1, 0.0)] == [
        (row["difficulty"], row["tasks"], row["rate"]) for row in rows
    ]
    assert "difficulty" not in tables(write_ledger(*set_lines({"t0": {"a": "+"}})), ask)


def test_a_task_that_changed_is_another_task(write_ledger: WriteLedger, ask: Ask) -> None:
    """Runs of two versions of a seed are no runs of one task, and are never a pair."""
    old = set_lines({"t0": {"a": "++"}, "t1": {"a": "+"}}, seed_sha256="1" * 64)
    new = [one | {"run_id": f"new-{one['run_id']}"} for one in set_lines({"t0": {"b": "--"}}, seed_sha256="2" * 64)]
    found = tables(write_ledger(*old, *new), ask)
    assert "set-contrasts" not in found
    assert [("t0", "111111111111"), ("t0", "222222222222"), ("t1", "111111111111")] == [
        (row["task"], row["seed_sha256"]) for row in found["tasks"]["rows"]
    ]


def test_arms_are_what_varies_or_what_is_asked_for(write_ledger: WriteLedger, ask: Ask) -> None:
    """With --by the rest is pooled, and said so; more than ten arms make no pairs, and the report says why."""
    lines = [
        one | {"memory": memory, "run_id": f"{memory}{one['run_id']}", "cell": f"{memory}{one['cell']}"}
        for memory in (True, False)
        for one in set_lines({"t0": {"a": "+-", "b": "--"}})
    ]
    path = write_ledger(*lines)
    assert 4 == len(tables(path, ask)["sets"]["rows"])
    found = tables(path, ask, "--by", "model")
    assert [("a", 4), ("b", 4)] == [(row["model"], row["runs"]) for row in found["sets"]["rows"]]
    assert any("pooled over: memory" in note for note in found["sets"]["notes"])
    many = set_lines({"t0": {f"m{number:02}": "+" for number in range(11)}})
    notes = tables(write_ledger(*many), ask)["set-contrasts"]["notes"]
    assert ["11 arms make 55 pairs: choose with --where or --by to compare them"] == notes


def test_what_else_differs_between_arms_is_said(write_ledger: WriteLedger, ask: Ask) -> None:
    """Circumstances that follow from no level of the arm, such as the sandbox; not what the model itself decides."""
    a = set_lines({"t0": {"a": "+"}}, sandbox="bubblewrap", server={"fingerprint": {"owner": "x"}})
    b = set_lines({"t0": {"b": "-"}}, sandbox="none", server={"fingerprint": {"owner": "y"}})
    found = tables(write_ledger(*a, *b), ask)["set-contrasts"]
    assert "sandbox: A has bubblewrap, B has none" == found["rows"][0]["differing"]
    assert "B against A: also differ in sandbox: A has bubblewrap, B has none" in found["notes"]


def test_nothing_with_a_result_is_one_line(write_ledger: WriteLedger, ask: Ask) -> None:
    """Exit code 2, also for a wrong k."""
    path = write_ledger(*set_lines({"t0": {"a": "!"}}))
    assert (2, "", "error: no run of any task has a result\n") == ask("tasks", "--runs", path)
    code, _, err = ask("tasks", "--runs", path, "--k", "0")
    assert (2, "error: --k 0: must be numbers of runs, 1 or more\n") == (code, err)
