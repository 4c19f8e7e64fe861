"""Runs of task sets: what is pooled, and what is said of a public set."""

import json

from ledger_lines import Ask, Line, WriteLedger, line


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
