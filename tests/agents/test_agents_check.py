"""`harness agents check`, and what the command line says of agents that cannot be run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from command_scripts import PYTHON, scripted_agent

from harness.agents.first_request import check_agent


def harness(*words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "harness", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)


def test_the_first_request_is_measured_before_any_reply(tmp_path: Path) -> None:
    """The largest of those that the agent makes of itself counts, not what a reply adds to."""
    agent = scripted_agent(tmp_path, "call('x' * 400); call('y' * 4000); call('There is nothing left to do.' * 999)")
    found = check_agent(agent)
    assert ("", True) == (found.problem, 1000 < (found.tokens or 0) < 1100)


@pytest.mark.parametrize(
    ("script", "problem"),
    [("", "exited with 0 before it had a reply"), ("sys.exit('no key')", "exited with 1 before it had a reply")],
)
def test_an_agent_that_makes_no_request_says_why(tmp_path: Path, script: str, problem: str) -> None:
    """Nothing is measured then, and the size is unknown."""
    found = check_agent(scripted_agent(tmp_path, script))
    assert found.tokens is None
    assert problem in found.problem


def test_the_table_names_what_is_missing_and_how_to_install_it(tmp_path: Path) -> None:
    """An agent of one's own that is not there: one row, one line, exit code 1; a name that is none: exit code 2."""
    (tmp_path / "agent").mkdir()
    text = "name: gone\ncommand: no-such-agent {endpoint} {prompt}\ninstall: ask somebody\n"
    (tmp_path / "agent" / "gone.yaml").write_text(text)
    done = harness("agents", "check", "gone", "--config-dir", ".", cwd=tmp_path)
    assert 1 == done.returncode
    assert ["gone", "not", "usable", "chat", "unknown"] == done.stdout.splitlines()[1].split()
    assert "agent=gone: no-such-agent: not found, or not executable; to install it: ask somebody" in done.stdout
    wrong = harness("agents", "check", "nope", cwd=tmp_path)
    assert (2, 1) == (wrong.returncode, len(wrong.stderr.splitlines()))
    assert wrong.stderr.startswith("nope: there is no such agent; must be one of aider, codex")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (
            ["agent=command", "agent.name=gone", 'agent.command="no-such-agent {endpoint} {prompt}"'],
            "agent=gone: no-such-agent: not found, or not executable",
        ),
        (
            [
                *("agent=command", "agent.name=bad", f'agent.command="{PYTHON} {{endpoint}} {{prompt}}"'),
                f'agent.version_command="{PYTHON} -c 1/0"',
            ],
            "agent=bad: ",
        ),
        (["agent=command"], "agent.command is empty: must be empty for the built-in agent, and the command of a pass"),
        (["agent=nope"], "agent=nope: must be one of aider, builtin, codex"),
    ],
)
def test_an_agent_that_cannot_be_run_is_one_line_before_the_first_run(
    tmp_path: Path, words: list[str], line: str
) -> None:
    """Exit code 2, and nothing is left behind."""
    done = harness("task=reverse", "model=nop", "elide_passing=false", *words, cwd=tmp_path)
    said = [one for one in done.stderr.splitlines() if not one.startswith("Go's standard library")]
    assert (2, 1) == (done.returncode, len(said)), done.stderr
    assert line in said[0]
    assert not (tmp_path / "outputs" / "runs.jsonl").exists()


@pytest.mark.go
def test_the_agent_is_a_factor_of_a_sweep(tmp_path: Path) -> None:
    """Each level has a cell and a plan of its own, every record says that the subject was simulated, and a second
    sweep finds nothing to do."""
    made = scripted_agent(tmp_path, "call(open(sys.argv[3]).read())")
    (tmp_path / "mine" / "agent").mkdir(parents=True)
    file = {"name": "own", "command": made.command.replace("{prompt}", "{prompt_file}"), "env": {"A": "1"}}
    (tmp_path / "mine" / "agent" / "own.yaml").write_text(json.dumps(file))
    words = ["-m", "agent=builtin,own", "--config-dir", "mine", "task=reverse", "model=sim_terminal", "max_iters=1"]
    done = harness(*words, "elide_passing=false", cwd=tmp_path)
    assert 0 == done.returncode, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "outputs" / "runs.jsonl").read_text().splitlines()]
    assert [("builtin", "completed"), ("own", "budget")] == [(line["agent"], line["outcome"]) for line in lines]
    assert [True, True] == [line["simulated"] for line in lines]
    assert 2 == len({line["cell"] for line in lines})
    again = harness(*words, "elide_passing=false", cwd=tmp_path)
    assert 0 == again.returncode
    assert 2 == len((tmp_path / "outputs" / "runs.jsonl").read_text().splitlines())


def test_a_broken_file_of_an_agent_is_one_line(tmp_path: Path) -> None:
    """File, line and reason."""
    (tmp_path / "agent").mkdir()
    (tmp_path / "agent" / "own.yaml").write_text("name: own\ncommand: own {endpoint} {prompt}\nenv:\n  A: [1]\n")
    done = harness("agent=own", "--config-dir", ".", "task=reverse", "model=nop", "elide_passing=false", cwd=tmp_path)
    assert (2, 1) == (done.returncode, len(done.stderr.splitlines())), done.stderr
    assert "agent/own.yaml:3: env: must be labels with text for each" in done.stderr
