"""A folder of one's own as a task: each run works on a copy, its content is the cell, and its changes go home."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.cli import main as analysis
from harness.checks import check
from harness.config import ConfigError, ModelConfig, RunConfig, TaskConfig
from harness.identity import assignment
from harness.outcome import Outcome
from harness.record import RunRecord
from harness.tasks import content
from harness.tasks.content import content_of

from lab import DONE, STOP, Lab, turn, use

HELLO = turn(use("write_file", path="sub/hello.txt", content="hi\n"))
NOTE = turn(use("write_file", path="PROGRESS.md", content="notes"))


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder whose verify command looks for a file."""
    folder = tmp_path / "my project"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "a.txt").write_text("a\n")
    (folder / "check.sh").write_text("test -f sub/hello.txt\n")
    (tmp_path / "PROMPT.md").write_text("Write sub/hello.txt.")
    return folder


def config_over(mine: Path, **changes: object) -> RunConfig:
    task = TaskConfig("folder", str(mine.parent / "PROMPT.md"), str(mine), "sh check.sh")
    model = ModelConfig(name="any", endpoint="http://127.0.0.1:9/v1")
    return RunConfig(model=model, task=replace(task, **changes), log_dir=str(mine.parent / "outputs"))  # type: ignore[arg-type]


def seed(mine: Path) -> str:
    return assignment(config_over(mine)).inputs.seed_sha256


def solve(lab: Lab, mine: Path) -> RunRecord:
    return lab.run([HELLO, NOTE, DONE], task=config_over(mine).task)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_each_run_works_on_a_copy_and_sees_no_work_of_another(lab: Lab, mine: Path) -> None:
    """The folder stays as it is, all runs start alike, and records call it by its name."""
    before = snapshot(mine)
    for _ in range(2):
        record = solve(lab, mine)
        assert (Outcome.COMPLETED, "my project") == (record.outcome, record.task)
    assert lab.run([STOP, STOP, STOP, STOP], task=config_over(mine).task).outcome is Outcome.STAGNATED
    assert before == snapshot(mine)
    assert 1 == len({(line["cell"], line["seed_sha256"]) for line in lab.ledger})
    assert seed(mine) == lab.ledger[0]["seed_sha256"]


@pytest.mark.parametrize("inside_a_repository", [False, True])
def test_the_changes_go_home_as_a_patch(
    lab: Lab, mine: Path, capfdbinary: pytest.CaptureFixture[bytes], inside_a_repository: bool
) -> None:
    """Printed as git applies it, also after the folder changed elsewhere; notes of the model are no part of it."""
    solve(lab, mine)
    (mine / "sub" / "a.txt").write_text("changed since\n")
    capfdbinary.readouterr()
    assert 0 == analysis(["patch", "last", "--runs", str(lab.folder / "runs.jsonl")])
    patch = capfdbinary.readouterr().out
    if inside_a_repository:
        subprocess.run(["git", "init", "-q", str(mine.parent)], check=True)
    where = ["--directory", mine.name] if inside_a_repository else []
    subprocess.run(["git", "apply", *where, "-"], input=patch, cwd=mine, check=True)
    assert {"check.sh", "sub/a.txt", "sub/hello.txt"} == set(snapshot(mine))
    assert "hi\n" == (mine / "sub" / "hello.txt").read_text()


def test_what_has_no_patch_is_told_in_one_line(lab: Lab, mine: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A task that is no folder, a folder that was worked in, a run that changed nothing, and a folder that is gone."""
    ledger = ["--runs", str(lab.folder / "runs.jsonl")]
    capfd.readouterr()
    reasons = []
    runs = [
        lab.run([STOP], max_iters=1),
        lab.run([STOP], max_iters=1, task=config_over(mine, in_place=True).task),
        lab.run([NOTE, STOP], max_iters=1, task=config_over(mine).task),
    ]
    for run in runs:
        reasons.append((analysis(["patch", str(run.run_id), *ledger]), capfd.readouterr().err.strip()))
    shutil.rmtree(lab.folder / "runs")
    reasons.append((analysis(["patch", "last", *ledger]), capfd.readouterr().err.strip()))
    ends = [
        "its task reverse is no folder of your own (task=folder)",
        f"it worked in {mine} itself, where its changes are",
    ]
    for (code, line), (expected, end) in zip(
        reasons, [(2, ends[0]), (2, ends[1]), (0, "the run changed nothing"), (2, "is not there")], strict=True
    ):
        assert (expected, True, 1) == (code, line.endswith(end), len(line.splitlines())), line


def test_another_content_is_another_cell(mine: Path) -> None:
    """A file more, other bytes, another mode, another target of a link; but nothing that programs make anew."""
    seeds = [seed(mine)]
    (mine / "sub" / "b.txt").touch()
    seeds.append(seed(mine))
    (mine / "sub" / "b.txt").write_text("b")
    seeds.append(seed(mine))
    (mine / "sub" / "b.txt").chmod(0o755)
    seeds.append(seed(mine))
    (mine / "link").symlink_to("sub/b.txt")
    seeds.append(seed(mine))
    (mine / "link").unlink()
    (mine / "link").symlink_to("sub")
    seeds.append(seed(mine))
    (mine / "package-lock.json").write_text("{}")
    seeds.append(seed(mine))
    assert len(set(seeds)) == len(seeds)
    for name in (".git/HEAD", "node_modules/x/index.js", ".venv/pyvenv.cfg", "env/pyvenv.cfg", "__pycache__/a.pyc"):
        (mine / name).parent.mkdir(parents=True)
        (mine / name).write_text("x")
    (mine / "Cargo.toml").touch()
    seeds.append(seed(mine))
    (mine / "target").mkdir()
    (mine / "target" / "out").write_text("x")
    (mine / "tagged").mkdir()
    (mine / "tagged" / "CACHEDIR.TAG").write_text("x")
    os.utime(mine / "check.sh", (1, 1))
    os.mkfifo(mine / "pipe")
    assert seeds[-1] == seed(mine)
    (mine / "sub" / "target").mkdir()
    (mine / "sub" / "target" / "code").write_text("no build is beside it")
    assert seeds[-1] != seed(mine)


def test_in_place_the_cell_is_that_of_its_path(mine: Path) -> None:
    """As before there were copies, whatever the folder holds."""
    first = assignment(config_over(mine, in_place=True)).inputs.seed_sha256
    (mine / "more").touch()
    assert first == assignment(config_over(mine, in_place=True)).inputs.seed_sha256 != seed(mine)


def test_a_sweep_goes_on_with_the_content_that_it_was_planned_with(lab: Lab, mine: Path) -> None:
    """From the copy in the log folder, whatever happens to the folder; without it in one line, and with no run."""
    config = config_over(mine)
    check([config])
    planned = assignment(config).inputs
    (mine / "check.sh").write_text("exit 1\n")
    assert planned == assignment(config, planned.seed_sha256).inputs != assignment(config).inputs
    shutil.rmtree(mine.parent / "outputs" / "folders")
    with pytest.raises(ConfigError, match="changed since the sweep was planned: start the sweep again"):
        assignment(config, planned.seed_sha256)
    assert not lab.folder.exists() or not (lab.folder / "runs.jsonl").exists()


def test_a_copy_that_was_changed_is_made_anew(lab: Lab, mine: Path) -> None:
    """Every run starts from what its cell says."""
    solve(lab, mine)
    [kept] = (lab.folder / "folders").iterdir()
    (kept / "sub" / "hello.txt").write_text("left behind")
    record = lab.run([STOP] * 4, task=config_over(mine).task)
    assert Outcome.STAGNATED is record.outcome
    assert not (kept / "sub" / "hello.txt").exists()


def test_installed_packages_are_there_and_no_part_of_the_patch(lab: Lab, mine: Path) -> None:
    """They are copied into each run, with their links."""
    (mine / "node_modules" / ".bin").mkdir(parents=True)
    (mine / "node_modules" / "tool.sh").write_text("test -f sub/hello.txt\n")
    (mine / "node_modules" / ".bin" / "tool").symlink_to("../tool.sh")
    (mine / "check.sh").write_text("sh node_modules/.bin/tool\n")
    assert Outcome.COMPLETED is solve(lab, mine).outcome
    [run] = (lab.folder / "runs").iterdir()
    assert ["diff --git a/sub/hello.txt b/sub/hello.txt"] == [
        line for line in (run / "changes.patch").read_text().splitlines() if line.startswith("diff")
    ]
    assert {"check.sh", "sub/a.txt", "sub/hello.txt", "PROGRESS.md"} == set(snapshot(run / "workspace"))


def test_the_log_folder_may_lie_in_the_folder(mine: Path, tmp_path: Path) -> None:
    """As it does where one stands in a repository and types task.workdir=. : it is no part of the content."""
    lab = Lab(mine / "outputs")
    assert Outcome.COMPLETED is solve(lab, mine).outcome
    assert Outcome.COMPLETED is solve(lab, mine).outcome
    assert 1 == len({line["cell"] for line in lab.ledger})
    with pytest.raises(ConfigError, match="holds the log folder"):
        lab.run([], task=config_over(mine, in_place=True).task)
    assert tmp_path.is_dir()


def test_links_stay_in_the_folder(lab: Lab, mine: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """One that leads out, by any way, is left out and named; nothing outside is read, hashed or copied."""
    (tmp_path / "secret").write_text("secret")
    (mine / "good").symlink_to("sub/a.txt")
    (mine / "sub" / "up").symlink_to("../check.sh")
    (mine / "gone").symlink_to("nothing")
    (mine / "round").symlink_to("round")
    for name, target in {
        "whole": str(tmp_path / "secret"),
        "above": "../secret",
        "own": str(mine / "check.sh"),
        "out and in": f"../{mine.name}/check.sh",
        "folder": "/etc",
    }.items():
        (mine / name).symlink_to(target)
    found = content_of(mine)
    assert {"above", "folder", "out and in", "own", "whole"} == set(found.left_out)
    assert {"check.sh", "gone", "good", "round", "sub/a.txt", "sub/up"} == set(found.files)
    check([config_over(mine)])
    assert "are no part of the copies: above, folder, out and in, own, whole" in capfd.readouterr().err
    assert Outcome.COMPLETED is solve(lab, mine).outcome
    [run] = (lab.folder / "runs").iterdir()
    assert 1 == (run / "changes.patch").read_bytes().count(b"diff --git")


@pytest.mark.parametrize(
    ("limit", "value", "what"), [("MOST_FILES", 20, "20 files and folders"), ("MOST_BYTES", 1 << 30, "1 GB")]
)
def test_a_folder_that_is_too_large_is_one_line(
    mine: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, what: str
) -> None:
    """Before anything is copied, with the part that makes it so, and what to type instead."""
    monkeypatch.setattr(content, limit, value)
    (mine / "data").mkdir()
    for number in range(30):
        with (mine / "data" / f"{number}.bin").open("wb") as file:
            file.truncate((1 << 30) // 16)
    with pytest.raises(ConfigError) as caught:
        check([config_over(mine)])
    start = f"task.workdir={mine}: holds more than {what} (most of it in data), too much to copy for each run: "
    assert f"{start}give a smaller folder, or type task.in_place=true" == str(caught.value)
    assert not (mine.parent / "outputs" / "folders").exists()


def test_a_run_that_cannot_keep_its_patch_is_a_result(
    lab: Lab, mine: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The model did its work; what is lost is said by the command that would print it."""

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("harness.outputs.RunFolder.write_patch", broken)
    assert Outcome.COMPLETED is solve(lab, mine).outcome
    capfd.readouterr()
    assert 2 == analysis(["patch", "last", "--runs", str(lab.folder / "runs.jsonl")])
    assert "no patch is kept: [Errno 28] No space left on device" in capfd.readouterr().err


def told(call: Callable[[], object]) -> str:
    with pytest.raises(ConfigError) as caught:
        call()
    return str(caught.value)


def test_in_place_is_for_folders(mine: Path) -> None:
    """One line; and it is warned of, also for a single run."""
    assert "task.in_place=true: must be used with task=folder" == told(lambda: TaskConfig("reverse", in_place=True))
    assert json.dumps(config_over(mine).as_dict()["task"]).count('"in_place": false') == 1


def test_a_single_run_in_place_is_warned_of(mine: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What it changes stays."""
    check([config_over(mine, in_place=True)])
    assert f"warning: the run works in {mine} itself: what it changes there stays" in capfd.readouterr().err
