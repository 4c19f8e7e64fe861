"""Simulated subjects at tasks in Python: what they know, how they slip, and whole runs."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from test_sim_runs import run_of

from harness.outcome import Outcome, PassReason
from harness.simulator.go.language import GO
from harness.simulator.knowledge import Knowledge
from harness.simulator.language import Language
from harness.simulator.languages import language_of
from harness.simulator.mutation import slips, spoil
from harness.simulator.passages import difference
from harness.simulator.python.language import PYTHON
from harness.simulator.wording import worded
from harness.tasks.catalogue import EXAMPLES, load

TWINS = ("apikit", "calc", "datakit", "graphkit", "pipeline", "reverse")
SOLUTIONS = sorted(EXAMPLES.glob("*_py/solution/*.py"))
SPECS = sorted(EXAMPLES.glob("*_py/workspace/*.py"))

every_solution = pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)


def passes(folder: Path, *arguments: str) -> bool:
    """Whether pytest passes in a folder."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False).returncode == 0


@pytest.mark.parametrize(("tools", "language"), [({"go", "done"}, GO), ({"run", "done"}, PYTHON), (set(), GO)])
def test_a_language_is_known_by_its_tool(tools: set[str], language: Language) -> None:
    """A subject writes the language that it can run."""
    assert language is language_of(tools)


@pytest.mark.parametrize("name", TWINS)
def test_twins_are_told_apart_by_the_tool(knowledge: Knowledge, name: str) -> None:
    """A prompt in Python is about the modules of its solution, and the prompt of the Go twin about its packages."""
    twin, go = load(f"{name}_py"), load(name)
    assert twin.solution is not None
    assert go.solution is not None
    exercise = knowledge.recognise(twin.prompt.read_text(), PYTHON)
    other = knowledge.recognise(go.prompt.read_text(), GO)
    assert exercise is not None
    assert other is not None
    assert {path.name for path in twin.solution.iterdir()} == {p for one in exercise.packages for p in one.files}
    assert {path.name for path in go.solution.iterdir() if path.is_dir()} == {one.unit for one in other.packages}


def test_modules_come_after_those_that_they_need(knowledge: Knowledge) -> None:
    """And a composer is known as one."""
    levels, composers = {}, {}
    for name in ("apikit", "graphkit", "datakit"):
        exercise = knowledge.recognise(load(f"{name}_py").prompt.read_text(), PYTHON)
        assert exercise is not None
        levels[name] = dict(Counter(one.level for one in exercise.packages))
        composers[name] = [one.name for one in exercise.packages if one.composes]
    assert {"apikit": {0: 4, 1: 1}, "graphkit": {0: 1, 1: 5}, "datakit": {0: 5}} == levels
    assert {"apikit": ["api"], "graphkit": [], "datakit": []} == composers


@every_solution
def test_wordiness_adds_remarks_and_nothing_else(path: Path) -> None:
    """Without them the text is the same; with them it is still Python, at about the length asked for."""
    text = path.read_text()
    wordy = worded(text, 1.5, PYTHON)
    kept = [line for line in wordy.splitlines(keepends=True) if line.strip() not in PYTHON.remarks]
    assert text == "".join(kept)
    assert 1.5 == pytest.approx(len(wordy) / len(text), abs=0.25)
    compile(wordy, path.name, "exec")


@every_solution
def test_a_slip_changes_a_file_in_one_place(path: Path) -> None:
    """Whatever is drawn, the text differs, and one edit mends it."""
    text = worded(path.read_text(), 1.5, PYTHON)
    for seed in range(20):
        spoiled = spoil(text, Random(seed), 0.5, PYTHON)
        assert text != spoiled
        passage = difference(spoiled, text)
        assert passage is not None
        assert text == spoiled.replace(*passage)


@every_solution
def test_a_slip_of_the_first_kind_is_no_python(path: Path) -> None:
    """No module with one can be imported."""
    text = worded(path.read_text(), 1.5, PYTHON)
    for slip in slips(text, PYTHON.uncompilable):
        with pytest.raises(SyntaxError):
            compile(slip.apply(text), path.name, "exec")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["graphkit", "pipeline"])
def test_a_slip_of_the_second_kind_fails_a_test(name: str, tmp_path: Path) -> None:
    """A spec finds every mistake in its module, and no mistake hangs."""
    twin = load(f"{name}_py")
    assert twin.solution is not None
    shutil.copytree(twin.seed, tmp_path, dirs_exist_ok=True)
    shutil.copytree(twin.solution, tmp_path, dirs_exist_ok=True)
    assert passes(tmp_path)
    missed = []
    for path in twin.solution.iterdir():
        text = path.read_text()
        for slip in slips(text, PYTHON.mistaken):
            (tmp_path / path.name).write_text(slip.apply(text))
            if passes(tmp_path, "-x", f"test_{path.name}"):
                missed.append((path.name, text[slip.start : slip.end]))
        (tmp_path / path.name).write_text(text)
    assert [] == missed


@pytest.mark.parametrize("path", [*SOLUTIONS, *SPECS], ids=lambda path: path.stem)
def test_a_file_is_no_notice_however_it_is_shown(path: Path) -> None:
    """As it is, with line numbers, with other line ends, below a header, wordier, and with any slip in it."""
    text = path.read_text()
    numbered = "".join(f"{number:6}\t{line}\n" for number, line in enumerate(text.splitlines(), 1))
    headed = f"{path.name}:\n```python\n{text}```\n"
    shown = [text, numbered, text.replace("\n", "\r\n"), headed, worded(text, 1.8, PYTHON)]
    spoiled = [slip.apply(text) for slip in slips(text, PYTHON.mistaken)]
    assert [] == [one for one in (*shown, *spoiled) if PYTHON.is_notice(path.name, one)]


@pytest.mark.parametrize(
    "text",
    [
        "[left out: passes already]",
        "test_users.py passes; it is elided",
        "test_users.py: elided.\ntest_create passes\ntest_list passes\n",
        "# test_users.py is elided: it is green\n",
        "import pytest\n\n# The tests of this file pass.\n",
        "def test_create() -> None\ndef test_list() -> None\n",
        "def test_create() -> None:\n    ...\n",
        "",
    ],
)
def test_a_notice_is_known_in_any_wording(text: str) -> None:
    """By its lack of functions with bodies, though it may speak of files and tests."""
    assert PYTHON.is_notice("test_users.py", text)


def test_code_may_hold_nothing() -> None:
    """An empty module, or one with no more than its documentation or a constant, was read as it is."""
    texts = ("", '"""Users."""\n', "# Users.\n", "LIMIT = 5\n", "import json\n")
    assert [False] * 5 == [PYTHON.is_notice("users.py", text) for text in texts]


@pytest.mark.parametrize(
    ("text", "green", "red", "passed"),
    [
        ("test_a.py ...  [ 60%]\ntest_b.py ..  [100%]\n\n=== 5 passed in 0.01s ===", {"a", "b"}, set(), True),
        ("test_a.py .F.  [ 60%]\ntest_b.py ..  [100%]\n=== 1 failed, 4 passed in 0.01s ===", {"b"}, {"a"}, False),
        ("FAILED test_a.py::test_x - assert 1 == 2\n1 failed, 4 passed in 0.01s", set(), {"a"}, False),
        ("test_b.py ..  [100%]\nERROR test_a.py\n!!! Interrupted: 1 error during collection !!!", {"b"}, {"a"}, False),
        ("ERROR: pytest could not be started", set(), set(), False),
        ("(pytest: no output, exit status 0)", set(), set(), False),
        ("=== no tests ran in 0.00s ===", set(), set(), False),
    ],
)
def test_a_test_output_is_read_file_by_file(text: str, green: set[str], red: set[str], passed: bool) -> None:
    """By the lines that name one; it passes only if something did and nothing failed."""
    report = PYTHON.read_report(text)
    assert green == {PYTHON.tested_unit(name, "") for name in report.green}
    assert red == {PYTHON.tested_unit(name, "") for name in report.red}
    assert passed == report.passes


@pytest.mark.parametrize("name", TWINS)
def test_the_oracle_completes_every_twin(name: str, tmp_path: Path) -> None:
    """Solution written, done called, gate passed, in one pass."""
    record = run_of("oracle", f"{name}_py", tmp_path)
    assert (Outcome.COMPLETED, 1, True) == (record.outcome, record.passes, record.simulated)


def test_nop_stagnates_at_a_twin(tmp_path: Path) -> None:
    """It does nothing there either."""
    record = run_of("nop", "apikit_py", tmp_path)
    assert (Outcome.STAGNATED, [PassReason.MODEL_STOP] * 4) == (record.outcome, record.pass_reasons)


@pytest.mark.parametrize("profile", ["resweep", "selective"])
def test_a_coding_subject_completes_a_small_twin(profile: str, tmp_path: Path) -> None:
    """With room enough, by its own reading, writing and testing."""
    record = run_of(profile, "reverse_py", tmp_path, seed=1)
    assert Outcome.COMPLETED is record.outcome
    assert record.metrics.loads > 0
    assert record.metrics.tool_counts["run"] > 0


def test_twins_make_one_sweep(tmp_path: Path) -> None:
    """A grid over a task and its twin needs no model: each run has a result, in the task's own language."""
    command = [sys.executable, "-m", "harness", "-m", "task=reverse,reverse_py", "elide_passing=true,false"]
    settings = ["model=sim_resweep", "ctx_limit=9000", "max_iters=3", f"log_dir={tmp_path}"]
    done = subprocess.run([*command, *settings], capture_output=True, text=True, timeout=600, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
    lines = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text().splitlines()]
    expected = Counter({"examples/reverse/PROMPT.md": 2, "examples/reverse_py/PROMPT.md": 2})
    assert expected == Counter(line["task"] for line in lines)
    ran = {(line["task"], tool) for line in lines for tool in line["tool_counts"] if tool in ("go", "run")}
    assert {("examples/reverse/PROMPT.md", "go"), ("examples/reverse_py/PROMPT.md", "run")} == ran
