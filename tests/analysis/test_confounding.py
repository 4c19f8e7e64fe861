"""Whatever differs between the arms of a contrast beside its factor is named above the result."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from declared_lines import Declare, Told, declared_rows, entry, swept
from ledger_lines import Ask, Line, WriteLedger, line

Config = dict[str, Any]
Change = Callable[[Line, Config, bool], None]


def arms(change: Change) -> list[tuple[Line, Config]]:
    """Five runs with memory, all completed, and five without; `change` is made to each line and config."""
    made = []
    for number in range(10):
        memory = number % 2 == 0
        one = line(f"r{number}", memory=memory, cell=f"cell-{memory}", outcome="completed" if memory else "stagnated")
        config: Config = {"max_stale": 3, "model": {"idle_timeout": 900.0}, "task": {"verify": "go test ./..."}}
        change(one, config, memory)
        made.append((one, config))
    return made


def report(ask: Ask, write_ledger: WriteLedger, runs: list[tuple[Line, Config]], *command: str) -> dict[str, Any]:
    """The report on some runs, with their configs in their folders."""
    path: Path = write_ledger(*(one for one, _ in runs))
    for one, config in runs:
        folder = path.parent / "runs" / one["run_id"]
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(config))
    code, out, err = ask(*(command or ("contrast", "memory")), "--runs", path, "--json")
    assert (0, "") == (code, err)
    found: dict[str, Any] = json.loads(out)
    return found


def set_line(**fields: Any) -> Change:
    """Set fields of the lines of runs with memory."""
    return lambda one, _, memory: one.update(fields) if memory else None


def set_config(**fields: Any) -> Change:
    """Set fields of the configs of runs with memory."""
    return lambda _, config, memory: config.update(fields) if memory else None


def set_both(name: str, without: Any, with_memory: Any) -> Change:
    """Set a field of every line, by its arm."""
    return lambda one, _, memory: one.update({name: with_memory if memory else without})


CONFOUNDED: list[tuple[Change, str]] = [
    (set_both("behaviour", 1, 2), "behaviour: A has 1, B has 2"),
    (set_config(max_stale=5), "max_stale: A has 3, B has 5"),
    (set_config(model={"idle_timeout": 60.0}), "model.idle_timeout: A has 900, B has 60"),
    (set_config(task={"verify": "go vet ./..."}), "task.verify: A has go test ./..., B has go vet ./..."),
    (set_both("server", {"endpoint": "one"}, {"endpoint": "two"}), "endpoint: A has one, B has two"),
    (
        set_both("server", {"fingerprint": {"version": "b1"}}, {"fingerprint": {"version": "b2"}}),
        "engine: A has b1, B has b2",
    ),
    (
        set_both("server", {"fingerprint": {"quant": "Q4"}}, {"fingerprint": {"quant": "Q8"}}),
        "quant: A has Q4, B has Q8",
    ),
    (
        set_both("server", {"fingerprint": {"software": "x"}}, {"fingerprint": {"software": "y"}}),
        "software: A has x, B has y",
    ),
    (set_both("server", {"window": 4096}, {"window": 8192}), "window: A has 4096, B has 8192"),
    (set_both("sandbox", "bwrap", "landlock"), "sandbox: A has bwrap, B has landlock"),
    (set_both("toolchain_version", "go1.24", "go1.25"), "toolchain_version: A has go1.24, B has go1.25"),
    (set_both("git_commit", "abc", "def"), "git_commit: A has abc, B has def"),
]


@pytest.mark.parametrize(("change", "said"), CONFOUNDED, ids=[said.partition(":")[0] for _, said in CONFOUNDED])
@pytest.mark.parametrize("command", [("contrast", "memory"), ("table", "--by", "memory", "--contrast", "memory")])
def test_what_differs_between_arms_is_named_above_the_result(
    ask: Ask,
    write_ledger: WriteLedger,
    change: Change,
    said: str,
    command: tuple[str, ...],
) -> None:
    """Versions, settings that no line holds, servers and circumstances; and the comparison is called exploratory."""
    found = report(ask, write_ledger, arms(change), *command)
    [head] = [one for one in found["head"] if "CONFOUNDED" in one]
    assert head.startswith("exploratory: memory")
    assert said in head
    rows = next(rows for name, rows in found["tables"].items() if name.startswith(("memory", "contrasts")))["rows"]
    assert ["5/5", "0/5"] == [rows[0]["b"], rows[0]["a"]]
    assert said in rows[0]["confounded"]


def test_windows_beyond_the_limit_of_a_pass_are_no_difference(ask: Ask, write_ledger: WriteLedger) -> None:
    """A pass ends at `ctx_limit` on both servers."""
    change = set_both("server", {"window": 1_000_000}, {"window": 2_000_000})
    found = report(ask, write_ledger, arms(change))
    assert [] == [one for one in found["head"] if "CONFOUNDED" in one]


def test_arms_that_differ_in_the_factor_alone_are_not_confounded(ask: Ask, write_ledger: WriteLedger) -> None:
    """Nor in what it decides, such as the system prompt that speaks of notes, nor in what is unknown of an arm."""
    found = report(ask, write_ledger, arms(set_both("system_sha256", "a", "b")))
    assert [] == [one for one in found["head"] if "CONFOUNDED" in one]
    assert [None] == [row["confounded"] for row in found["tables"]["memory-false-true"]["rows"]]


def test_a_setting_that_both_arms_share_separates_strata(ask: Ask, write_ledger: WriteLedger) -> None:
    """Two levels of it in both arms are two strata, though no line holds it."""

    def change(one: Line, config: Config, memory: bool) -> None:
        config["max_stale"] = 3 + int(one["run_id"][1:]) // 5
        one["cell"] = f"cell-{memory}-{config['max_stale']}"

    found = report(ask, write_ledger, arms(change))
    assert [3, 4, "all strata"] == [row["max_stale"] for row in found["tables"]["memory-false-true"]["rows"]]
    assert [] == [one for one in found["head"] if "CONFOUNDED" in one]


def test_configs_that_are_gone_are_said_to_be(ask: Ask, write_ledger: WriteLedger) -> None:
    """What they held cannot be compared."""
    path = write_ledger(*(one for one, _ in arms(lambda *_: None)))
    _, out, _ = ask("contrast", "memory", "--runs", path, "--json")
    said = "not compared: what only configs hold of 2 of 2 cells, whose run folders are gone"
    assert said in json.loads(out)["tables"]["memory-false-true"]["notes"]


def test_a_declared_test_between_arms_that_differ_is_exploratory(told: Told, declare: Declare) -> None:
    """Declared before its first run, and called exploratory nevertheless, with what differs; a clean one stands."""
    declare(entry())
    clean = [*swept(0, 4, memory=False, behaviour=1), *swept(4, 4, memory=True, behaviour=1)]
    assert 1 == len(declared_rows(told(*clean)))
    found = told(*swept(0, 4, memory=False, behaviour=1), *swept(4, 4, memory=True, behaviour=2))
    assert [] == declared_rows(found)
    assert "between arms that also differ in behaviour: A has 1, B has 2" in found["head"][0]
