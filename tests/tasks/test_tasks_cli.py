"""The catalogue's own command line."""

import subprocess
import sys

import pytest

from harness.tasks.catalogue import names


def tasks(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m harness.tasks` in a process of its own."""
    command = [sys.executable, "-m", "harness.tasks", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)


def test_list_shows_every_task() -> None:
    """The table has one row a task, sizes included."""
    done = tasks("list")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert rows[0] == ["task", "packages", "spec bytes", "test functions", "prompt bytes"]
    assert [row[0] for row in rows[2:]] == list(names())
    assert next(row for row in rows if row[0] == "stuck")[1:4:2] == ["check", "1"]


def test_check_of_an_unknown_task_is_a_wrong_request() -> None:
    """An unknown name ends with status 2 and one line."""
    done = tasks("check", "calk")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("task=calk: must be one of apikit, ")
    assert done.stderr.count("\n") == 1


@pytest.mark.go
def test_check_reports_each_property() -> None:
    """Checking a task that is sound prints one line a property, and succeeds."""
    done = tasks("check", "reverse", "stuck")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines() == [
        "ok   reverse: the seed is the catalogue's own",
        "ok   reverse: the bare seed fails",
        "ok   reverse: the solution passes 3 gates in a row",
        "ok   reverse: the order of the tests does not matter (3 shuffles)",
        "ok   stuck: the seed is the catalogue's own",
        "ok   stuck: the bare seed fails",
        "ok   stuck: even its solution fails",
    ]
