"""Any command as the one that decides: it really runs, and where it cannot, that is bad input and no result."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from folders_of_commands import INLINE, NPM, RUST, SHELL, CommandFolder

from harness.checks import check, prepare
from harness.config import ConfigError, Lever, ModelConfig, RunConfig, TaskConfig, ToolchainConfig
from harness.sandbox.select import probe
from harness.toolchain_config import ToolchainName
from harness.toolchains.command.files import CommandFiles, scripts_of
from harness.toolchains.command.programs import find_program

from lab import DONE, STOP, Lab, turn, use

FOLDERS = {"shell": SHELL, "inline": INLINE, "npm": NPM, "cargo": RUST}
COMMAND = ToolchainConfig(name=ToolchainName.command)
NEEDED = {"npm": ("npm", "node"), "cargo": ("cargo", "cc")}


def task_over(folder: CommandFolder, root: Path) -> TaskConfig:
    """The folder as a task of the user's own."""
    folder.lay(root / "W")
    (root / "P.md").write_text("Finish it.")
    return TaskConfig(name="folder", prompt=str(root / "P.md"), workdir=str(root / "W"), verify=folder.verify)


def config_over(task: TaskConfig, tmp_path: Path, **changes: Any) -> RunConfig:
    model = ModelConfig(name="any", endpoint="http://127.0.0.1:9/v1")
    return RunConfig(model=model, task=task, log_dir=str(tmp_path / "outputs"), **changes)


@pytest.fixture(params=FOLDERS)
def folder(request: pytest.FixtureRequest) -> Iterator[CommandFolder]:
    missing = [name for name in NEEDED.get(request.param, ()) if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{request.param}: {', '.join(missing)} is not installed")
    if request.param == "cargo" and probe("bwrap"):
        pytest.skip(f"cargo links by /proc, which only bubblewrap gives: {probe('bwrap')}")
    return FOLDERS[request.param]


def test_a_command_refuses_unfinished_work_and_accepts_what_is_finished(
    folder: CommandFolder, lab: Lab, tmp_path: Path
) -> None:
    """The subject runs the command by its tool, is refused, finishes the work, and the record says what it rests on."""
    task = task_over(folder, tmp_path)
    command = turn(use("run", args=task.verify_arguments))
    write = turn(use("write_file", path=folder.path, content=folder.content))
    record = lab.run([command, DONE, write, command, DONE], task=task, toolchain=COMMAND)
    assert ("completed", "status", "command", 1) == (record.outcome, record.proof, record.toolchain, record.passes)
    assert {"run": 2, "done": 2, "write_file": 1} == dict(record.metrics.tool_counts)
    assert (None, None, None) == (record.packages_green, record.packages_total, record.go_version)
    first, refused, _, second = lab.results()
    assert "[exit status" in first
    assert refused.startswith("The task is not done yet")
    assert "[exit status" not in second


UNSTARTABLE = {
    "no-such-program --check": "there is no program no-such-program",
    "./missing.sh": "there is no program ./missing.sh",
    "./plain.txt": "cannot be executed",
    "sh -c 'no-such-program'": "not found",
    "sh -c 'exit 126'": "could not be started, or was killed: [exit status 126]",
    "sh -c 'kill -9 $$'": "was killed: [exit status 137]",
}


@pytest.mark.parametrize("verify", UNSTARTABLE)
def test_a_command_that_cannot_be_run_is_bad_input(verify: str, tmp_path: Path) -> None:
    """One line that says why, before any call of a model."""
    folder = CommandFolder(verify, {"plain.txt": "no program\n"}, "", "")
    with pytest.raises(ConfigError) as error:
        check([config_over(task_over(folder, tmp_path), tmp_path)])
    assert UNSTARTABLE[verify] in str(error.value)
    assert "\n" not in str(error.value)


def test_a_seed_that_passes_already_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A sweep on copies would measure nothing, and is refused; one run may be meant, and is warned of."""
    done = CommandFolder(SHELL.verify, SHELL.files | {SHELL.path: SHELL.content}, "", "")
    task = task_over(done, tmp_path)
    with pytest.raises(ConfigError, match=r"accepts .* nothing is left to do there, so that a sweep would measure"):
        check([config_over(task, tmp_path, memory=switch) for switch in (True, False)])
    for folder in (task, replace(task, in_place=True)):
        check([config_over(folder, tmp_path)])
        assert "as it is: nothing is left to do there, and a run measures nothing" in capfd.readouterr().err


def test_a_program_outside_the_system_runs_with_its_own_folder(lab: Lab, tmp_path: Path, monkeypatch: Any) -> None:
    """Whatever the user's PATH finds is found in the sandbox, and what it needs beside itself is named by
    sandbox_paths."""
    tools = tmp_path / "tools"
    (tools / "data").mkdir(parents=True)
    (tools / "own").mkdir()
    (tools / "data" / "expected").write_text("42")
    (tools / "own" / "verify-it").write_text(f'#!/bin/sh\n[ "$(cat answer.txt)" = "$(cat {tools}/data/expected)" ]\n')
    (tools / "own" / "verify-it").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}/own:/usr/bin:/bin")
    task = task_over(CommandFolder("verify-it", {"answer.txt": "1"}, "", ""), tmp_path)
    replies = [turn(use("write_file", path="answer.txt", content="42")), DONE, STOP, STOP, STOP, STOP]
    seen = lab.run(replies, task=task, sandbox_paths=str(tools / "data"))
    assert "completed" == seen.outcome


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sandbox_paths": "/no/such/folder"}, "sandbox_paths=/no/such/folder: must be a folder that exists"),
        ({"sandbox_paths": "/"}, "holds your home folder"),
        ({"lever": Lever.digest}, "lever=digest: toolchain command knows no units of tests"),
        ({"lever": Lever.impl_doc}, "lever=impl_doc: toolchain command knows no interfaces of packages"),
    ],
)
def test_what_a_command_cannot_have_is_refused(changes: dict[str, Any], expected: str, tmp_path: Path) -> None:
    """In one line, before anything runs."""
    with pytest.raises(ConfigError) as error:
        prepare(config_over(task_over(SHELL, tmp_path), tmp_path, **changes))
    assert expected in str(error.value)


def test_the_subject_runs_what_is_allowed_and_nothing_else(lab: Lab, tmp_path: Path) -> None:
    """The verify command and those of toolchain.commands, word for word."""
    task = task_over(SHELL, tmp_path)
    calls = [["./check.sh"], ["ls", "-a"], ["ls"], ["sh", "-c", "ls"], []]
    replies = [turn(use("run", args=args)) for args in calls]
    lab.run([*replies, STOP], task=task, toolchain=ToolchainConfig(commands="ls -a; cat answer.txt"), max_iters=1)
    checked, listed, *refused = lab.results()
    assert "does not say 42" in checked
    assert "check.sh" in listed
    assert all(text.startswith("ERROR: ") for text in refused)
    assert "the commands are: ./check.sh; ls -a; cat answer.txt" in refused[0]


def test_the_script_that_decides_and_the_tests_are_not_the_subject_s_to_write(lab: Lab, tmp_path: Path) -> None:
    """They are refused by the tools, and put back before every verification."""
    files = SHELL.files | {"tests/test_a.py": "mine"}
    task = task_over(CommandFolder(SHELL.verify, files, "", ""), tmp_path)
    write = [
        turn(use("write_file", path=path, content="exit 0")) for path in ("check.sh", "tests/test_a.py", "tests/b")
    ]
    lab.run([*write, DONE, STOP], task=task, max_iters=1)
    assert all("is part of the spec" in text for text in lab.results()[:3])
    assert (SHELL.files["check.sh"], "mine") == (
        (tmp_path / "W" / "check.sh").read_text(),
        (tmp_path / "W" / "tests" / "test_a.py").read_text(),
    )


@pytest.mark.parametrize(
    ("command", "scripts"),
    [
        (["./check.sh", "a.txt"], ["./check.sh"]),
        (["sh", "check.sh"], ["check.sh"]),
        (["node", "--test", "run.js"], ["run.js"]),
        (["sh", "-c", "grep -q 42 answer.txt && ./x.sh | bash y.sh"], ["./x.sh", "y.sh"]),
        (["npm", "test"], []),
        (["/usr/bin/true", "x.sh"], []),
    ],
)
def test_the_scripts_of_a_command_are_those_that_it_runs(command: list[str], scripts: list[str]) -> None:
    """What it only reads is the work, and may be written."""
    assert scripts == list(scripts_of(command))


def test_nothing_that_holds_a_home_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that lies in the home folder itself does not open all of it."""
    (tmp_path / "it").write_text("#!/bin/sh\n")
    (tmp_path / "it").chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [] == list(find_program("it").readable)


@pytest.mark.parametrize("path", ["a.test.js", "tests/x/y.js", "TEST_a.py", "src/__tests__/a.ts", "a_test.rb"])
def test_a_spec_is_told_by_its_customary_name(path: str) -> None:
    """In either case, and by its folder."""
    assert CommandFiles(["npm", "test"]).is_spec(Path(path))
    assert not CommandFiles(["npm", "test"]).is_spec(Path("src/contest.js"))
