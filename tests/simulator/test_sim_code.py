"""How subjects write: what they know, how wordy they are, how they slip, and how they read a test's output."""

import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.simulator.go import report
from harness.simulator.go.language import GO
from harness.simulator.knowledge import Knowledge, KnowledgeError
from harness.simulator.mutation import slips, spoil
from harness.simulator.passages import difference
from harness.simulator.wording import worded
from harness.tasks.catalogue import EXAMPLES, load
from harness.toolchains.go.installation import find_go

SOLUTIONS = sorted(EXAMPLES.glob("*/solution/**/*.go"))


class Solved:
    """A task's workspace with its solution in place, to change a file of and see."""

    def __init__(self, task: str, root: Path) -> None:
        given = load(task)
        assert given.solution is not None
        shutil.copytree(given.seed, root, dirs_exist_ok=True)
        shutil.copytree(given.solution, root, dirs_exist_ok=True)
        self._root = root

    def go(self, *args: str, **files: str) -> bool:
        """Whether the go command succeeds with these files in place."""
        for path, text in files.items():
            (self._root / path).write_text(text)
        command = [find_go().go, *args]
        return subprocess.run(command, cwd=self._root, capture_output=True, timeout=600, check=False).returncode == 0


def solution(task: str, path: str) -> str:
    folder = load(task).solution
    assert folder is not None
    return (folder / path).read_text()


@pytest.mark.parametrize("task", ["reverse", "calc", "graphkit", "apikit", "stuck"])
def test_an_exercise_is_recognised_by_its_prompt(knowledge: Knowledge, task: str) -> None:
    """The module that the prompt describes, whatever the task is called."""
    declared = (load(task).seed / "go.mod").read_text().split()[1]
    exercise = knowledge.recognise(load(task).prompt.read_text(), GO)
    assert exercise is not None
    assert declared == exercise.module


def test_nothing_is_recognised_in_any_other_text(knowledge: Knowledge) -> None:
    """Not in an empty one, nor in one that shares a few words."""
    texts = ("", "users of the api pay New tasks no heed")
    assert [None, None] == [knowledge.recognise(text, GO) for text in texts]


def test_packages_come_after_those_that_they_need(knowledge: Knowledge) -> None:
    """So that they can be written in that order."""
    for prompt in EXAMPLES.glob("*/PROMPT.md"):
        exercise = knowledge.recognise(prompt.read_text(), GO)
        seen: set[str] = set()
        for package in exercise.packages if exercise else ():
            assert package.needs <= seen
            seen.add(package.unit)


def test_the_composer_is_told_from_what_it_composes(knowledge: Knowledge) -> None:
    """Of apikit only api brings packages together; of graphkit none does."""
    composers = {}
    for task in ("apikit", "graphkit"):
        exercise = knowledge.recognise(load(task).prompt.read_text(), GO)
        assert exercise is not None
        composers[task] = [package.name for package in exercise.packages if package.composes]
    assert {"apikit": ["api"], "graphkit": []} == composers


def test_a_folder_without_solutions_teaches_nothing(tmp_path: Path) -> None:
    """An error that names it."""
    with pytest.raises(KnowledgeError, match=str(tmp_path)):
        Knowledge.load(tmp_path)


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_wordiness_adds_remarks_and_nothing_else(path: Path) -> None:
    """Without them the text is the same; with them it has about the length asked for."""
    text = path.read_text()
    wordy = worded(text, 1.5, GO)
    kept = [line for line in wordy.splitlines(keepends=True) if line.strip() not in GO.remarks]
    assert text == "".join(kept)
    assert text == worded(text, 1, GO)
    assert 1.5 == pytest.approx(len(wordy) / len(text), abs=0.25)


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_a_slip_changes_a_file_in_one_place(path: Path) -> None:
    """Whatever is drawn, the text differs, and one edit mends it."""
    text = worded(path.read_text(), 1.5, GO)
    for seed in range(20):
        spoiled = spoil(text, Random(seed), 0.5, GO)
        assert text != spoiled
        passage = difference(spoiled, text)
        assert passage is not None
        assert text == spoiled.replace(*passage)


@pytest.mark.go
def test_slips_break_what_they_are_meant_to_break(tmp_path: Path) -> None:
    """Those for the compiler do not compile, the others fail a test or compile no more; remarks break nothing."""
    path = "traverse/traverse.go"
    text = worded(solution("graphkit", path), 1.5, GO)
    workspace = Solved("graphkit", tmp_path)
    assert workspace.go("test", "./traverse", **{path: text})
    for rule in GO.uncompilable:
        slip = next(slips(text, (rule,)))
        assert not workspace.go("build", "./traverse", **{path: slip.apply(text)})
    for slip in slips(text, GO.mistaken):
        assert not workspace.go("test", "./traverse", **{path: slip.apply(text)})


@given(st.lists(st.sampled_from("abc\n"), max_size=30), st.lists(st.sampled_from("abc\n"), max_size=30))
def test_a_difference_turns_the_one_text_into_the_other(old: list[str], new: list[str]) -> None:
    """Its old lines occur once, and putting the new ones in their place gives the new text."""
    before, after = "".join(old), "".join(new)
    passage = difference(before, after)
    if passage is not None:
        assert 1 == before.count(passage[0])
        assert after == before.replace(*passage)


@pytest.mark.parametrize(
    ("text", "green", "red", "passes"),
    [
        ("ok  \tm/a\t0.1s\nok  \tm/b\t0.1s\n", {"m/a", "m/b"}, set(), True),
        ("--- FAIL: TestX (0.00s)\nFAIL\nFAIL\tm/a\t0.1s\nok  \tm/b\t0.1s\nFAIL\n", {"m/b"}, {"m/a"}, False),
        ("m/a: no non-test Go files in /x\nFAIL\tm/a [build failed]\nFAIL\n", set(), {"m/a"}, False),
        ("FAIL\tm/a [setup failed]\nok  \tm/b\t0.1s", {"m/b"}, {"m/a"}, False),
        ("ok  \tm/a\t0.1s\nFAIL\tm/a\t0.1s\n", set(), {"m/a"}, False),
        ("ERROR: go could not be started", set(), set(), False),
        ("(go test: no output, exit status 0)", set(), set(), False),
        ("?   \tm/a\t[no test files]\n", set(), set(), False),
    ],
)
def test_a_test_output_is_read_package_by_package(text: str, green: set[str], red: set[str], passes: bool) -> None:
    """By the lines that name one; it passes only if something did and nothing failed."""
    told = report.read(text)
    assert (green, red, passes) == (told.green, told.red, told.passes)
