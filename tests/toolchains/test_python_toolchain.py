"""Python as the language of a task: its interpreter, its files, its commands, and whole runs."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
from folders_of_commands import CommandFolder

from harness.checks import check
from harness.config import ConfigError, ModelConfig, RunConfig, TaskConfig, ToolchainConfig
from harness.sandbox.base import SandboxError
from harness.toolchains.python.commands import command_for
from harness.toolchains.python.files import PYTHON_FILES
from harness.toolchains.python.interpreter import find_python
from harness.toolchains.python.toolchain import PythonToolchain
from harness.toolchains.select import verify_of
from harness.tools.registry import ToolError

from lab import DONE, Lab, turn, use

SPEC = "from adding import add\n\n\ndef test_adds():\n    assert add(1, 2) == 3\n"
WRONG, RIGHT = "def add(a, b):\n    return 0\n", "def add(a, b):\n    return a + b\n"
ADDING = CommandFolder("python -m pytest", {"test_adding.py": SPEC, "adding.py": WRONG}, "adding.py", RIGHT)


def task_over(root: Path, verify: str = ADDING.verify, **files: str) -> TaskConfig:
    """A folder with a spec and code as a task of the user's own."""
    CommandFolder(verify, ADDING.files | files, "", "").lay(root / "W")
    (root / "P.md").write_text("Finish it.")
    return TaskConfig(name="folder", prompt=str(root / "P.md"), workdir=str(root / "W"), verify=verify)


def checked(task: TaskConfig, tmp_path: Path, python: str = "") -> str:
    """The line with which a config is refused."""
    model = ModelConfig(name="any", endpoint="http://127.0.0.1:9/v1")
    toolchain = ToolchainConfig(python=python)
    with pytest.raises(ConfigError) as error:
        check([RunConfig(model=model, task=task, log_dir=str(tmp_path / "outputs"), toolchain=toolchain)])
    assert "\n" not in str(error.value)
    return str(error.value)


STARTS = {
    "python -m pytest": ("split", 2),
    "pytest -q": ("split", 2),
    "python3 -m pytest test_adding.py": ("split", 1),
    "python -m unittest test_unit": ("status", 2),
}


@pytest.mark.parametrize("verify", STARTS)
def test_a_folder_is_finished_by_the_tool_and_the_gate(verify: str, lab: Lab, tmp_path: Path) -> None:
    """Whichever way Python's tests are started, they run with the interpreter of the toolchain, and leave nothing."""
    unit = "import unittest\nfrom adding import add\n\n\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n"
    task = task_over(tmp_path, verify, **{"test_unit.py": f"{unit}        self.assertEqual(3, add(1, 2))\n"})
    tests = turn(use("run", args=["pytest", "-q"]))
    write = turn(use("write_file", path="adding.py", content=RIGHT))
    record = lab.run([tests, DONE, write, tests, DONE], task=task)
    assert ("completed", "python", *STARTS[verify]) == (
        record.outcome,
        record.toolchain,
        record.proof,
        record.packages_total,
    )
    assert find_python().version == record.toolchain_version
    first, refused, _, second = lab.results()
    assert ("2 failed" in first, "2 passed" in second) == (True, True)
    assert refused.startswith("The task is not done yet")
    assert ["adding.py", "test_adding.py", "test_unit.py"] == sorted(path.name for path in (tmp_path / "W").iterdir())


def test_the_words_are_those_of_python(lab: Lab, tmp_path: Path) -> None:
    """Nothing of Go reaches the model."""
    lab.run([DONE], task=task_over(tmp_path, **{"adding.py": RIGHT}), max_iters=1)
    [asked] = lab.asked
    text = str(asked["messages"][0]) + str(asked["tools"])
    assert "Python project" in text
    assert "Test files (test_*.py" in text
    assert [] == [word for word in ("Go module", "Go tool", "_test.go", '"go"', "go.mod") if word in text]


REFUSED = {
    "no tests": ({"test_adding.py": "X = 1\n"}, "", "the spec has no tests"),
    "syntax error": ({"test_adding.py": "def test_x(:\n"}, "", "test_adding.py:1: is no Python"),
    "nothing collected": ({"test_adding.py": SPEC, "pytest.ini": "[pytest]\npython_files = x_*.py\n"}, "", "no tests"),
    "broken import": ({"test_adding.py": "raise RuntimeError('mine')\n"}, "", "test_adding.py cannot be read"),
    "no interpreter": ({}, "/no/such/python", "toolchain.python=/no/such/python: is no interpreter"),
    "no environment": ({}, "/usr/share", "toolchain.python=/usr/share: is no virtual environment"),
    "no Python": ({}, "/bin/ls", "toolchain.python=/bin/ls: is no Python that runs"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_verified_is_bad_input(name: str, tmp_path: Path) -> None:
    """One line, before any call of a model."""
    files, python, expected = REFUSED[name]
    assert expected in checked(task_over(tmp_path, **files), tmp_path, python)


def test_a_spec_that_cannot_be_split_is_believed_by_its_status_and_says_so(
    lab: Lab, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A warning before the run, the reason in the transcript, and the kind of proof in the record."""
    spec = SPEC.replace("import add\n", "import *\n")
    task = task_over(tmp_path, **{"test_adding.py": spec})
    model = ModelConfig(name="any", endpoint="http://127.0.0.1:9/v1")
    check([RunConfig(model=model, task=task, log_dir=str(tmp_path / "outputs"))])
    why = "the spec imports everything that a module of the code has (*)"
    assert f"warning: python -m pytest cannot be proven to have run the tests: {why}" in capfd.readouterr().err
    events: list[tuple[str, Any]] = []
    write = turn(use("write_file", path="adding.py", content=RIGHT))
    record = lab.run([write, DONE], task=task, on_event=lambda name, fields: events.append((name, fields)))
    assert ("completed", "status") == (record.outcome, record.proof)
    assert [("status", why)] == [(one["kind"], one["why"]) for name, one in events if name == "proof"]


def test_the_check_of_a_task_says_what_cannot_be_proven(tmp_path: Path) -> None:
    """With the reason; the task is sound all the same."""
    folder = tmp_path / "tasks" / "adding"
    star = SPEC.replace("import add\n", "import *\n")
    CommandFolder("", {"workspace/test_adding.py": star, "solution/adding.py": RIGHT, "PROMPT.md": "Add."}, "", "").lay(
        folder
    )
    for verb in ("hash", "check"):
        command = [sys.executable, "-m", "harness.tasks", verb, "--root", str(tmp_path / "tasks")]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "less than could be: the spec imports everything that a module of the code has (*)" in done.stdout
    assert "FAIL" not in done.stdout


def test_what_plain_pytest_believes_is_refused(lab: Lab, tmp_path: Path) -> None:
    """Code that ends the process, or is equal to everything, passes no test of the spec."""
    equal = "class Equal:\n    def __eq__(self, other):\n        return True\n"
    cheats = (f"{equal}\n\ndef add(a, b):\n    return Equal()\n", "import os\nos._exit(0)\n")
    writes = [step for code in cheats for step in (turn(use("write_file", path="adding.py", content=code)), DONE)]
    record = lab.run([*writes, turn(content="I stop.")], task=task_over(tmp_path), max_iters=1)
    assert ("budget", "split", 0, 1) == (record.outcome, record.proof, record.packages_green, record.packages_total)


def test_reads_of_a_spec_file_that_passes_are_elided(lab: Lab, tmp_path: Path) -> None:
    """The unit is the file: another one that fails is still shown."""
    other = "from adding import more\n\n\ndef test_more():\n    assert more()\n"
    task = task_over(tmp_path, **{"test_other.py": other, "adding.py": RIGHT + "\n\ndef more():\n    return False\n"})
    reads = [turn(use("read_file", path=path)) for path in ("test_adding.py", "test_other.py")]
    record = lab.run([DONE, *reads, turn(content="I stop.")], task=task, max_iters=1)
    _, first, second = lab.results()
    assert ("the tests of this file pass already" in first, other) == (True, second)
    assert (1, 1, 2) == (record.metrics.elided_reads, record.packages_green, record.packages_total)


def test_an_environment_without_pytest_is_bad_input(tmp_path: Path) -> None:
    """The line says what to install."""
    venv.create(tmp_path / "bare", symlinks=True, with_pip=False)
    line = checked(task_over(tmp_path), tmp_path, str(tmp_path / "bare"))
    assert f"toolchain.python={tmp_path / 'bare'}: has no pytest" in line


def test_an_environment_of_the_user_brings_its_packages(lab: Lab, tmp_path: Path) -> None:
    """Code and spec import what is installed there, and the usual interpreter has nothing but pytest."""
    own = tmp_path / "own"
    shutil.copytree(find_python().python.parent.parent, own, symlinks=True)
    [site] = own.glob("lib/python*/site-packages")
    (site / "installed_there.py").write_text("ANSWER = 3\n")
    task = task_over(tmp_path)
    code = "from installed_there import ANSWER\n\n\ndef add(a, b):\n    return ANSWER\n"
    replies = [turn(use("write_file", path="adding.py", content=code)), DONE, turn(content="I stop.")]
    named = lab.run(replies, task=task, toolchain=ToolchainConfig(python=str(own)), max_iters=1)
    (tmp_path / "W" / "adding.py").write_text(WRONG)
    usual = lab.run(replies, task=task, max_iters=1)
    assert ("completed", "budget") == (named.outcome, usual.outcome)


@pytest.mark.parametrize("version", ["3.12", "3.13", "3.14"])
def test_a_newer_interpreter_can_be_named(version: str, lab: Lab, tmp_path: Path) -> None:
    """Whichever is installed here, with a pytest of its own."""
    found = [*Path.home().glob(f".pyenv/versions/{version}*/bin/python"), shutil.which(f"python{version}")]
    newer = next((path for path in found if path), None)
    if newer is None:
        pytest.skip(f"Python {version} is not installed")
    own = tmp_path / "own"
    subprocess.run([str(newer), "-m", "venv", "--without-pip", str(own)], check=True)
    [usual] = find_python().python.parent.parent.glob("lib/python*/site-packages")
    [site] = own.glob("lib/python*/site-packages")
    shutil.copytree(usual, site, dirs_exist_ok=True)
    write = turn(use("write_file", path="adding.py", content=RIGHT))
    record = lab.run([write, DONE], task=task_over(tmp_path), toolchain=ToolchainConfig(python=str(own)))
    assert ("completed", True) == (record.outcome, str(record.toolchain_version).startswith(version))


def test_the_solutions_of_this_program_are_not_shown(tmp_path: Path) -> None:
    """An environment that holds them is refused."""
    own = tmp_path / "own"
    shutil.copytree(find_python().python.parent.parent, own, symlinks=True)
    [site] = own.glob("lib/python*/site-packages")
    (site / "harness" / "_examples").mkdir(parents=True)
    with pytest.raises(SandboxError, match="with the solutions of its tasks"):
        find_python(str(own))


ALLOWED = [
    ["pytest"],
    ["pytest", "-q", "-x", "--tb=short", "-k", "adds or -x", "tests/test_a.py::test_b"],
    ["python", "main.py", "--anything"],
    ["python", "-m", "pytest", "-v"],
    ["python", "-m", "unittest", "-v", "discover", "-s", "tests"],
    ["python", "-m", "py_compile", "a.py"],
    ["python3", "-m", "compileall", "-q", "."],
]
FORBIDDEN = [
    ["sh", "-c", "ls"],
    ["pip", "install", "x"],
    ["pytest", "-p", "evil"],
    ["pytest", "--rootdir=/"],
    ["pytest", "-c", "own.ini"],
    ["pytest", "-o", "python_files=x"],
    ["python"],
    ["python", "-c", "print(1)"],
    ["python", "-m"],
    ["python", "-m", "pip", "install", "x"],
    ["python", "-m", "http.server"],
    ["python", "-m", "pytest", "--confcutdir=/"],
    ["python", "-i", "a.py"],
    ["python", "data.txt"],
]


@pytest.mark.parametrize("args", ALLOWED)
def test_what_is_allowed_is_run_with_the_interpreter_of_the_toolchain(args: list[str]) -> None:
    """The model names no interpreter."""
    assert sys.executable == command_for(Path(sys.executable), args)[0]


@pytest.mark.parametrize("args", FORBIDDEN)
def test_whatever_is_not_on_the_list_is_refused(args: list[str]) -> None:
    """With what may be run instead."""
    with pytest.raises(ToolError):
        command_for(Path(sys.executable), args)


@pytest.mark.parametrize("path", ["test_a.py", "a_test.py", "x/conftest.py", "tests/helper.py", "Test_A.PY"])
def test_specs_are_told_by_their_names(path: str) -> None:
    """In either case, and by their folder; each file of tests is a unit of elision by itself."""
    assert PYTHON_FILES.unit_of(path) in ("", path)
    assert ("a/test_b.py", "", "") == tuple(map(PYTHON_FILES.unit_of, ("a/test_b.py", "tests/conftest.py", "a.py")))
    assert PYTHON_FILES.is_spec(Path(path))
    assert not PYTHON_FILES.is_spec(Path("src/testing.py"))


def test_the_tests_of_a_seed_are_read_by_file(tmp_path: Path) -> None:
    """Functions and methods, and what a seed is verified by follows from its files."""
    (tmp_path / "test_a.py").write_text("def test_x(): ...\n\n\nclass TestB:\n    async def test_y(self): ...\n")
    (tmp_path / "conftest.py").write_text("import pytest\n")
    assert {"test_a.py": ["test_x", "TestB.test_y"]} == PythonToolchain().expected_tests(tmp_path)
    assert "python -m pytest" == verify_of(tmp_path)
    (tmp_path / "go.mod").write_text("module m\n")
    assert "go test ./..." == verify_of(tmp_path)


def test_a_task_root_knows_its_language(lab: Lab, tmp_path: Path) -> None:
    """A folder of tasks of one's own: its catalogue holds the verify command, and another language is refused."""
    CommandFolder("", {"test_adding.py": SPEC}, "", "").lay(tmp_path / "tasks" / "adding" / "workspace")
    (tmp_path / "tasks" / "adding" / "PROMPT.md").write_text("Add.")
    command = [sys.executable, "-m", "harness.tasks", "hash", "--root", str(tmp_path / "tasks")]
    subprocess.run(command, check=True, capture_output=True)
    given: dict[str, Any] = {"task_root": str(tmp_path / "tasks")}
    write = turn(use("write_file", path="adding.py", content=RIGHT))
    record = lab.run([write, DONE], task=TaskConfig(name="adding", verify="python -m pytest"), **given)
    assert ("completed", 1) == (record.outcome, record.packages_total)
    with pytest.raises(ConfigError, match=r"the task adding is no Go: type .task.verify=.python -m pytest"):
        lab.run([DONE], task=TaskConfig(name="adding"), **given)
