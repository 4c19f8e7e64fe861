"""Import of tasks that others wrote: Exercism-shaped checkouts, HumanEval lines, folders of folders."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.tasks.__main__ import main
from harness.tasks.catalogue import load
from harness.tasks.notes import read_notes

GO_MOD = "module {name}\n\ngo 1.21\n"
DOUBLE = "package double\n\n// Double returns twice n.\nfunc Double(n int) int {\n\treturn 2 * n\n}\n"
DOUBLE_STUB = 'package double\n\nfunc Double(n int) int {\n\tpanic("write me")\n}\n'
DOUBLE_TEST = """package double

import "testing"

func TestDouble(t *testing.T) {
	if Double(4) != 8 {
		t.Fatal("not twice")
	}
}
"""
COUNTER = "package tally\n\nvar count int\n\n// Next counts.\nfunc Next() int {\n\tcount++\n\treturn count\n}\n"
COUNTER_TEST = """package tally

import "testing"

func TestNext(t *testing.T) {
	if Next() != 1 {
		t.Fatal("not the first")
	}
}
"""
HALF_TEST = "import half\n\n\ndef test_half():\n    assert half.half(8) == 4\n"


def exercise(practice: Path, name: str, files: dict[str, str], config: object = None) -> Path:
    """One exercise; without a config, that of a Go package with a stub, a test and an example."""
    usual = {"solution": [f"{name}.go"], "test": [f"{name}_test.go"], "example": [".meta/example.go"]}
    whole = {
        ".docs/instructions.md": f"Write {name}.\n",
        ".meta/config.json": json.dumps({"files": config or usual}),
    } | files
    for path, text in whole.items():
        place = practice / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return practice / name


def go_exercise(practice: Path, name: str, test: str, stub: str, example: str) -> Path:
    files = {
        "go.mod": GO_MOD.format(name=name),
        f"{name}.go": stub,
        f"{name}_test.go": test,
        ".meta/example.go": example,
    }
    return exercise(practice, name, files)


PYTHON_CONFIG = {"solution": ["half.py"], "test": ["half_test.py"], "example": [".meta/example.py"]}


@pytest.fixture
def polyglot(tmp_path: Path) -> Path:
    """A checkout of two tracks and the start of a third: what is right in it, and what is wrong."""
    root = tmp_path / "checkout"
    go, python = root / "go" / "exercises" / "practice", root / "python" / "exercises" / "practice"
    (root / "rust" / "exercises" / "practice" / "any").mkdir(parents=True)
    go_exercise(go, "double", DOUBLE_TEST, DOUBLE_STUB, DOUBLE)
    go_exercise(go, "tally", COUNTER_TEST, "package tally\n", COUNTER)
    go_exercise(go, "ready", DOUBLE_TEST, DOUBLE, DOUBLE)
    go_exercise(go, "untested", "package double\n", DOUBLE_STUB, DOUBLE)
    go_exercise(go, "wrong", DOUBLE_TEST, DOUBLE_STUB, DOUBLE.replace("2 * n", "3 * n"))
    go_exercise(go, "two words", DOUBLE_TEST, DOUBLE_STUB, DOUBLE)
    exercise(go, "escape", {}, {"solution": ["../x.go"], "test": ["a_test.go"], "example": [".meta/example.go"]})
    (exercise(go, "torn", {}) / ".meta" / "config.json").write_text("{")
    (exercise(go, "linked", {".meta/example.go": DOUBLE}) / "linked_test.go").symlink_to("/etc/hostname")
    (go / "empty").mkdir()
    exercise(
        python,
        "half",
        {
            "half_test.py": HALF_TEST,
            "half.py": "def half(n):\n    pass\n",
            ".meta/example.py": "def half(n):\n    return n // 2\n",
        },
        PYTHON_CONFIG,
    )
    (root / "LICENSE").write_text("Do what you like.\n")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "tasks"


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, list[str]]:
    code = main(["import", *map(str, words)])
    out = capsys.readouterr()
    return code, (out.out + out.err).splitlines()


@pytest.mark.go
def test_what_is_fit_is_imported_and_the_rest_is_named(
    polyglot: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each; an exercise that is wrong costs no other."""
    code, lines = said(capsys, "exercism", polyglot, "--to", root)
    assert 0 == code
    fit = {line.split()[1] for line in lines if line.startswith("ok")}
    assert {"exercism/go/double", "exercism/go/tally", "exercism/python/half"} == fit
    reasons = {line.split(": ")[0].removeprefix("unfit   "): line for line in lines if line.startswith("unfit")}
    for name, words in {
        "ready": "pass without a solution",
        "untested": "no test",
        "wrong": "its solution is refused at gate 1",
        "two words": "must consist of letters",
        "escape": "../x.go leads out",
        "torn": "cannot be read",
        "linked": "is a link",
        "empty": ".meta/config.json is missing",
    }.items():
        assert words in reasons[f"exercism/go/{name}"]
    assert f"3 of 12 tasks imported to {root}; use them with task_root={root} task=NAME" == lines[-1]


@pytest.mark.go
def test_a_spec_that_keeps_state_is_run_once(polyglot: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The fallback is recorded, on the screen and with the task."""
    _, lines = said(capsys, "exercism", polyglot, "--only", "tally", "--to", root)
    assert "verified by go test -count=1 ./..." in lines[0]
    assert "go test -count=1 ./..." == load("exercism/go/tally", task_root=str(root)).verify
    assert "-count=1" in (root / "exercism/go/tally/PROMPT.md").read_text()


@pytest.mark.go
def test_a_task_holds_what_the_exercise_has(polyglot: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Stubs may be written, tests may not; example, licence and source are kept apart from the seed."""
    said(capsys, "exercism", polyglot, "--track", "go", "--only", "double", "--to", root)
    task = load("exercism/go/double", task_root=str(root))
    assert {"go.mod", "double.go", "double_test.go"} == {path.name for path in task.seed.iterdir()}
    assert {"double.go"} == task.writable
    assert DOUBLE == (root / "exercism/go/double/solution/double.go").read_text()
    assert "Do what you like.\n" == (root / "exercism/go/double/LICENSE").read_text()
    notes = read_notes(root / "exercism/go/double")
    assert notes is not None
    assert ("exercism/go", True, str(polyglot)) == (notes.set, notes.public, notes.source)
    assert "`double.go`" in task.prompt.read_text()


@pytest.mark.go
def test_a_name_that_is_taken_is_refused(
    polyglot: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An import again from the same place replaces the task, one from another place does not."""
    words = ["--only", "double", "--to", root]
    assert 0 == said(capsys, "exercism", polyglot, *words)[0]
    assert 0 == said(capsys, "exercism", polyglot, *words)[0]
    other = tmp_path / "other"
    os.rename(polyglot, other)  # noqa: PTH104 - the same content at another place
    code, lines = said(capsys, "exercism", other, *words)
    assert 1 == code
    assert "is there already" in lines[0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_humaneval_lines_become_tasks(
    root: Path, tmp_path: Path, pack: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """The stub raises, the canonical solution passes; a line that is none is named. The file may be packed."""
    good = {
        "task_id": "HumanEval/0",
        "prompt": 'def twice(n):\n    """Return n times two."""\n',
        "entry_point": "twice",
        "canonical_solution": "    return 2 * n\n",
        "test": "def check(candidate):\n    assert candidate(4) == 8\n",
    }
    bad = good | {"task_id": "HumanEval/1", "canonical_solution": "    return 3 * n\n"}
    broken = good | {"task_id": "HumanEval/2", "test": "def check(:\n"}
    path = tmp_path / "HumanEval.jsonl"
    parted = json.dumps(good | {"task_id": "HumanEval/3", "prompt": "# \u2028\n" + good["prompt"]}, ensure_ascii=False)
    path.write_bytes(pack("\n".join([*map(json.dumps, (good, bad, broken)), "torn", parted]).encode()))
    code, lines = said(capsys, "humaneval", path, "--to", root)
    assert 0 == code
    assert "ok      humaneval/HumanEval-0" == lines[0]
    assert "its solution is refused" in lines[1]
    assert "its test is no Python" in lines[2]
    assert "line 4: is no problem" in lines[3]
    assert "ok      humaneval/HumanEval-3" == lines[4]
    assert "twice" in load("humaneval/HumanEval-0", task_root=str(root)).prompt.read_text()


@pytest.mark.go
def test_a_folder_of_folders_becomes_a_set(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files lie beside PROMPT.md or in workspace/; the command is known for Go and Python, and else must be named."""
    source = tmp_path / "mine"
    for name, files in {
        "flat": {"go.mod": "module flat\n\ngo 1.21\n", "double_test.go": DOUBLE_TEST, "solution/double.go": DOUBLE},
        "deep": {"workspace/half_test.py": HALF_TEST, "solution/half.py": "def half(n):\n    return n // 2\n"},
        "shell": {"check.sh": "exit 1\n", "solution/check": ""},
        "unsolved": {"half_test.py": HALF_TEST},
    }.items():
        for path, text in (files | {"PROMPT.md": f"Do {name}.\n"}).items():
            place = source / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    code, lines = said(capsys, "folder", source, "--to", root, "--set", "own")
    assert 0 == code
    assert {"ok      own/flat", "ok      own/deep"} <= set(lines)
    assert any("own/shell: has no tests of Go or Python" in line for line in lines)
    assert any("own/unsolved: has no solution" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["exercism", "NOWHERE"], "must be a folder that exists"),
        (["exercism", "EMPTY"], "holds no exercises"),
        (["exercism", "EMPTY", "--track", "cobol"], "--track cobol: must be one of go, python"),
        (["humaneval", "NOWHERE"], "cannot be read"),
        (["folder", "EMPTY"], "holds no task"),
        (["humaneval", "BLANK"], "holds no task"),
        (["humaneval", "EMPTY", "--track", "go"], "--track: only with import exercism"),
    ],
)
def test_a_source_that_is_none_is_one_line(
    tmp_path: Path, words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With exit code 2, and nothing written."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "blank").touch()
    places = {"BLANK": tmp_path / "blank", "NOWHERE": tmp_path / "nowhere", "EMPTY": tmp_path / "empty"}
    code, lines = said(capsys, *(places.get(word, word) for word in words), "--to", tmp_path / "tasks")
    assert (2, 1) == (code, len(lines))
    assert line in lines[0]
    assert not (tmp_path / "tasks").exists()
