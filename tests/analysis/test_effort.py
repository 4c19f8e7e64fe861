"""Effort to completion, pass@k and partial pooling on the command line."""

import json
from typing import Any

import pytest
from ledger_lines import Ask, Line, WriteLedger, line

from analysis.stats.pass_at_k import mean_pass_at_k
from analysis.stats.pooling import partial_pooling


def run(number: int, memory: bool, passes: int, outcome: str = "completed", **more: Any) -> Line:
    """A run of an arm, with what it used."""
    used = {"passes": passes, "total_tokens": 1000 * passes, "duration_sec": 60.0 * passes}
    place = {"sweep": "s", "block": number}
    return line(f"{memory}-{number}", memory=memory, outcome=outcome, **(used | place | more))


@pytest.fixture
def blocks(write_ledger: WriteLedger) -> Any:
    """Six blocks: with memory every run completes one pass sooner; one run without it stagnates after 9."""
    slow = [run(n, False, 4 + n) for n in range(5)] + [run(5, False, 9, "stagnated")]
    return write_ledger(*slow, *(run(n, True, 3 + n) for n in range(6)))


def test_effort_is_censored_where_nothing_completed(blocks: Any, ask: Ask) -> None:
    """Medians and restricted means by arm and measure; the run that stagnated stays at risk until its end."""
    code, out, err = ask("time", "--runs", blocks, "--json")
    assert (0, "") == (code, err)
    rows = json.loads(out)["tables"]["effort"]["rows"]
    assert [(False, "passes"), (False, "tokens"), (False, "seconds")] == [(r["memory"], r["measure"]) for r in rows[:3]]
    assert [(5, 6, 6.0, 8.0), (6, 6, 5.0, 8.0)] == [
        (r["completed"], r["runs"], r["median"], r["horizon"]) for r in rows if r["measure"] == "passes"
    ]
    assert [(4 + 5 + 6 + 7 + 8 + 8) / 6, (3 + 4 + 5 + 6 + 7 + 8) / 6] == pytest.approx(
        [r["restricted_mean"] for r in rows if r["measure"] == "passes"]
    )


def test_arms_are_compared_within_blocks(blocks: Any, ask: Ask) -> None:
    """Six blocks in each of which memory is sooner: 2 of 64 assignments are as extreme."""
    _, out, _ = ask("time", "--runs", blocks, "--contrast", "memory", "--measure", "passes", "--json")
    (row,) = json.loads(out)["tables"]["effort-contrasts"]["rows"]
    assert (pytest.approx(2 / 64), "exact", "within blocks") == (row["p"], row["method"], row["exchanged"])
    assert (True, True) == (row["difference"] < 0, row["excess"] > 0)


def test_stagnation_can_be_read_as_never(write_ledger: WriteLedger, ask: Ask) -> None:
    """A run that stagnated early leaves the risk set as censored, and stays in it as one that never completes."""
    path = write_ledger(*(run(n, True, 1, "stagnated") for n in range(3)), *(run(n, True, 5) for n in range(3, 6)))
    shares = []
    for reading in ("censored", "never"):
        _, out, _ = ask("time", "--runs", path, "--measure", "passes", "--stagnated", reading, "--json")
        shares.append(json.loads(out)["tables"]["effort"]["rows"][0]["share"])
    assert [1.0, 0.5] == shares


def test_what_was_not_measured_is_counted_apart(write_ledger: WriteLedger, ask: Ask) -> None:
    """A run whose tokens nobody counted is no run of 0 tokens."""
    path = write_ledger(run(1, True, 2), run(2, True, 3, total_tokens=None), run(3, True, 4))
    _, out, _ = ask("time", "--runs", path, "--measure", "tokens", "--json")
    (row,) = json.loads(out)["tables"]["effort"]["rows"]
    assert (2, 1, 2000.0) == (row["runs"], row["unknown"], row["median"])


@pytest.mark.parametrize(
    "arguments",
    [
        ("time", "--horizon", "5"),
        ("time", "--measure", "passes", "--horizon", "-1"),
        ("pass-at-k", "--k", "0"),
        ("pass-at-k", "--k", "two"),
        ("partial-pooling",),
        ("power", "--base", "0.1,0.2,0.3", "--rate", "0.5,0.6"),
        ("power", "--base", "nan"),
        ("power", "--strata", "0"),
        ("contrast", "memory", "--margin", "1.5"),
    ],
)
def test_what_cannot_be_answered_is_one_line(write_ledger: WriteLedger, ask: Ask, arguments: tuple[str, ...]) -> None:
    """Exit code 2, and one line that names the option or the reason."""
    ledger = () if arguments[0] == "power" else ("--runs", write_ledger(run(1, True, 2), run(1, False, 2)))
    code, _, err = ask(*arguments, *ledger)
    assert (2, 1) == (code, len(err.splitlines()))


def test_pass_at_k_by_task_and_over_tasks(write_ledger: WriteLedger, ask: Ask) -> None:
    """Two tasks of 2/4 and 1/3: each by itself, and their mean; k beyond the runs of a task is unknown."""
    other = "examples/graphkit/PROMPT.md"
    path = write_ledger(
        *(line(f"a{n}", outcome="completed" if n < 2 else "stagnated") for n in range(4)),
        *(line(f"b{n}", outcome="completed" if n < 1 else "budget", task=other) for n in range(3)),
        line("c", outcome="fault"),
    )
    _, out, _ = ask("pass-at-k", "--runs", path, "--k", "2,4", "--json")
    tables = json.loads(out)["tables"]
    assert [("apikit", 4, 5 / 6, 1.0), ("graphkit", 3, 2 / 3, None)] == [
        (r["task"], r["runs"], pytest.approx(r["pass_at_2"]), r["pass_at_4"]) for r in tables["pass-at-k"]["rows"]
    ]
    (mean,) = tables["pass-at-k-mean"]["rows"]
    expected = mean_pass_at_k([(2, 4), (1, 3)], 2)
    assert (2, expected.estimate, None) == (mean["tasks"], mean["pass_at_2"], mean["pass_at_4"])
    assert [*(expected.interval or ())] == mean["pass_at_2_interval"]


def test_partial_pooling_by_task(write_ledger: WriteLedger, ask: Ask) -> None:
    """One row a task and arm, one for tasks like these; faults are in no count."""
    tasks = {"apikit": 3, "graphkit": 0, "jobkit": 4}
    runs = [
        line(f"{task}-{n}", task=f"examples/{task}/PROMPT.md", outcome="completed" if n < done else "stagnated")
        for task, done in tasks.items()
        for n in range(4)
    ]
    path = write_ledger(*runs, line("f", outcome="fault"))
    code, out, _ = ask("partial-pooling", "--runs", path, "--json")
    rows = json.loads(out)["tables"]["partial-pooling"]["rows"]
    expected = partial_pooling([(3, 4), (0, 4), (4, 4)])
    assert (0, ["apikit", "graphkit", "jobkit", "all tasks"]) == (code, [row["task"] for row in rows])
    means = [*(rate.mean for rate in expected.tasks), expected.overall.mean]
    assert means == pytest.approx([row["pooled"] for row in rows])
    assert (12, 7) == (rows[-1]["runs"], rows[-1]["completed"])


def test_power_over_strata_on_the_command_line(ask: Ask) -> None:
    """Rates of several strata, one each; the size advised is enough at every larger one."""
    _, out, _ = ask("power", "--n", "4", "--base", "0.1,0.3", "--rate", "0.7,0.9", "--json")
    table = json.loads(out)["tables"]["power"]
    assert (True, 0.0) == (0 < table["rows"][0]["power"] < 1, table["rows"][0]["power_error"])
    _, out, _ = ask("power", "--n", "5,6", "--base", "0", "--rate", ".8333")
    assert "for 80% power: 7 runs an arm, and any larger number up to 400" in out
