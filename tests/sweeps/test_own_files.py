"""Files of one's own: models, tasks and grids under --config-dir, and folders of tasks under task_root."""

import subprocess
import sys
from pathlib import Path

import pytest
from commands import Command

FILES = {
    "name: x\nname: y\n": ":2: found duplicate key name",
    "name: x\n\ttemperature: 1\n": ":2: found character '\\t' that cannot start any token; indent with spaces",
    "name: [x\n": ":2: expected ',' or ']', but got '<stream end>'",
    "# mine\nname: x\ntemprature: 1\n": ":3: temprature: no such key, did you mean model.temperature?",
    "name: x\ntemperature: warm\n": ":2: temperature: warm: must be a number",
    "name: x\nsalvage: 2\n": ":2: salvage: 2: must be true or false",
    "name: x\nmax_tokens:\n  a: 1\n": ":2: max_tokens: {'a': 1}: must be a whole number",
    "name: 007\n": ':1: name: 007: is read as 7: put it into quotes, name: "007"',
    "- name\n": ":1: must be keys with values, key: value",
}


@pytest.mark.parametrize("text", FILES)
def test_a_file_of_ones_own_is_told_with_its_line_and_reason(harness: Command, tmp_path: Path, text: str) -> None:
    """Whatever is wrong with it, and whichever command reads it."""
    file = tmp_path / "mine" / "model" / "own.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    told = harness("--config-dir", "mine", "model=own", "task=reverse")
    assert (2, [f"harness: mine/model/own.yaml{FILES[text]}"]) == (told.code, told.lines)


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    """A folder of tasks with a task of one's own in it."""
    for kind, text in (
        ("workspace/go.mod", "module double\n\ngo 1.26\n"),
        (
            "workspace/double_test.go",
            'package double\n\nimport "testing"\n\nfunc TestDouble(t *testing.T) {\n\tif Double(2) != 4 {\n\t\tt.Fail()\n\t}\n}\n',  # noqa: E501,
        ),
        ("solution/double.go", "package double\n\nfunc Double(n int) int { return 2 * n }\n"),
        ("PROMPT.md", "Write Double in package double, then call done.\n"),
    ):
        file = tmp_path / "tasks" / "double" / kind
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "tasks"


@pytest.mark.go
def test_a_task_of_ones_own_is_checked_hashed_and_run(harness: Command, tmp_path: Path, tasks: Path) -> None:
    """As the README says: until it is hashed one line says what to type; then it is a task like any other."""
    early = harness("task_root=tasks", "task=double", "model=oracle")
    assert (2, 1) == (early.code, len(early.lines))
    assert "run harness tasks hash --root tasks" in early.err
    for command in ("hash", "check"):
        done = subprocess.run(
            [sys.executable, "-m", "harness.tasks", command, "--root", str(tasks)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (0, "") == (done.returncode, done.stderr), done.stdout
    assert 0 == harness("task_root=tasks", "task=double", "model=oracle").code
    assert 3 == harness("task_root=tasks", "task=double", "model=nop").code
    [completed, stagnated] = (tmp_path / "outputs" / "runs.jsonl").read_text().splitlines()
    assert ('"task":"double"' in completed, '"outcome":"stagnated"' in stagnated) == (True, True)
    (tasks / "double" / "workspace" / "stray").touch()
    spoiled = harness("task_root=tasks", "task=double", "model=nop")
    assert (2, True) == (spoiled.code, "added: stray" in spoiled.err)


def test_an_own_task_may_not_take_a_bundled_name(harness: Command, tasks: Path) -> None:
    """Records would take the one for the other."""
    (tasks / "double").rename(tasks / "reverse")
    told = harness("task_root=tasks", "task=reverse")
    assert (2, "harness: task=reverse: lies in tasks and in the bundled tasks: rename one of the folders\n") == (
        told.code,
        told.err,
    )
