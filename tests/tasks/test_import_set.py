"""Import of a small set of exercises in four tracks, written for this test: what is right in it, and what is odd."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.config import ConfigError
from harness.tasks.__main__ import main
from harness.tasks.catalogue import check_seed, load
from harness.tasks.notes import read_notes

GO_MOD = "module steps\n\ngo 1.21\n"
STEPS_TEST = """package steps

import "testing"

func TestSteps(t *testing.T) {
	for start, want := range map[int]int{1: 0, 4: 2, 10: 4} {
		if got := Halvings(start); got != want {
			t.Errorf("Halvings(%d) = %d, want %d", start, got, want)
		}
	}
}
"""
STEPS = """package steps

// Halvings counts the halvings and decrements down to one, an odd number losing one first.
func Halvings(n int) int {
	count := 0
	for n > 1 {
		if n%2 == 1 {
			n--
		} else {
			n /= 2
		}
		count++
	}
	return count
}
"""
ODD_TEST = "import odd\n\n\ndef test_odd():\n    assert odd.odd(3)\n"
ODD = "def odd(n):\n    return n % 2 == 1\n"
STATE_TEST = """import unittest

from tally import Tally


class TallyTest(unittest.TestCase):
    def test_starts_at_nothing(self):
        self.assertEqual(Tally().count, 0)

    @unittest.skip("for later")
    def test_counts(self):
        tally = Tally()
        tally.add()
        tally.add()
        self.assertEqual(tally.count, 2)
"""
TALLY = "class Tally:\n    def __init__(self):\n        self.count = 0\n\n    def add(self):\n        self.count += 1\n"
SUM_TEST = """use sums::total;

#[test]
fn of_nothing() {
    assert_eq!(total(&[]), 0);
}

#[test]
#[ignore]
fn of_two() {
    assert_eq!(total(&[1, 2]), 3);
}

#[test]
#[ignore = "later"]
fn of_three() {
    assert_eq!(total(&[1, 2, 3]), 6);
}
"""


def exercise(practice: Path, name: str, files: Mapping[str, str], roles: Mapping[str, list[str]]) -> Path:
    """Write one exercise in the layout of a track."""
    whole = {
        ".docs/instructions.md": f"# Instructions\n\nWrite {name}.\n",
        ".docs/hints.md": "Not for the run.\n",
        ".meta/config.json": json.dumps({"authors": ["nobody"], "files": roles}),
    } | dict(files)
    for path, text in whole.items():
        place = practice / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return practice / name


def roles(solution: str, test: str, example: str) -> dict[str, list[str]]:
    return {"solution": [solution], "test": [test], "example": [example]}


def odd(practice: Path, name: str, **changes: list[str]) -> Path:
    """An exercise in Python that is right but for what is changed."""
    files = {"odd.py": "def odd(n):\n    pass\n", "odd_test.py": ODD_TEST, ".meta/example.py": ODD}
    return exercise(practice, name, files, roles("odd.py", "odd_test.py", ".meta/example.py") | changes)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Three tracks, in the layout of the polyglot benchmark."""
    root = tmp_path / "checkout"
    tracks = {name: root / name / "exercises" / "practice" for name in ("go", "python", "rust")}
    exercise(
        tracks["go"],
        "steps",
        {
            "go.mod": GO_MOD,
            "steps.go": "package steps\n",
            "steps_test.go": STEPS_TEST,
            ".meta/example.go": STEPS,
        },
        roles("steps.go", "steps_test.go", ".meta/example.go"),
    )
    odd(tracks["python"], "odd")
    exercise(
        tracks["python"],
        "tally",
        {"tally.py": "class Tally:\n    pass\n", "tally_test.py": STATE_TEST, ".meta/example.py": TALLY},
        roles("tally.py", "tally_test.py", ".meta/example.py"),
    )
    odd(tracks["python"], "größe")
    odd(tracks["python"], "two words")
    odd(tracks["python"], "absolute", test=["/etc/passwd"])
    odd(tracks["python"], "outside", example=["../odd/.meta/example.py"])
    odd(tracks["python"], "no-example", example=[".meta/gone.py"])
    odd(tracks["python"], "no-test-file", test=["gone_test.py"])
    shutil.rmtree(odd(tracks["python"], "no-meta") / ".meta")
    (odd(tracks["python"], "no-text") / ".docs" / "instructions.md").unlink()
    (odd(tracks["python"], "linked") / "more").symlink_to("/etc")
    (odd(tracks["python"], "no-syntax") / "odd_test.py").write_text("def test_odd(:\n")
    (odd(tracks["python"], "no-text-file") / "odd_test.py").write_bytes(b"\xff\xfe\x00")
    exercise(
        tracks["rust"],
        "sums",
        {
            "Cargo.toml": '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n',
            "src/lib.rs": "pub fn total(_: &[i64]) -> i64 {\n    todo!()\n}\n",
            "tests/sums.rs": SUM_TEST,
            ".meta/example.rs": "pub fn total(numbers: &[i64]) -> i64 {\n    numbers.iter().sum()\n}\n",
        },
        roles("src/lib.rs", "tests/sums.rs", ".meta/example.rs"),
    )
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "tasks"


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, str]]:
    """The exit code, and the line of each task."""
    code = main(["import", "exercism", *map(str, words)])
    out = capsys.readouterr()
    assert "" == out.err
    *lines, _ = out.out.splitlines()
    return code, {line[8:].partition(":")[0].partition(" (")[0]: line for line in lines}


def test_each_odd_exercise_is_one_line_and_the_others_import(
    checkout: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Names, places, missing files, links, and a test that is no Python: each costs itself alone."""
    code, lines = said(capsys, checkout, "--track", "python", "--to", root)
    assert 0 == code
    assert {"odd", "tally"} == {name.rpartition("/")[2] for name, line in lines.items() if line.startswith("ok")}
    for name, words in {
        "größe": "must consist of letters",
        "two words": "must consist of letters",
        "absolute": "/etc/passwd leads out",
        "outside": "../odd/.meta/example.py leads out",
        "no-example": ".meta/gone.py is missing",
        "no-test-file": "gone_test.py: missing",
        "no-meta": ".meta/config.json is missing",
        "no-text": ".docs/instructions.md is missing",
        "linked": "more is a link",
        "no-syntax": "a test file cannot be read: invalid syntax (odd_test.py, line 1)",
        "no-text-file": "a test file cannot be read",
    }.items():
        assert words in lines[f"exercism/python/{name}"]
        assert lines[f"exercism/python/{name}"].startswith("unfit")
    assert {"odd", "tally"} == {path.name for path in (root / "exercism" / "python").iterdir()}


def test_a_skipped_test_is_switched_on(checkout: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The task says so, and its spec holds the test."""
    _, lines = said(capsys, checkout, "--only", "tally", "--to", root)
    assert "1 skipped test switched on" in lines["exercism/python/tally"]
    task = load("exercism/python/tally", task_root=str(root))
    assert "skip" not in (task.seed / "tally_test.py").read_text()
    notes = read_notes(root / "exercism" / "python" / "tally")
    assert notes is not None
    assert ["1 skipped test switched on"] == notes.remarks


@pytest.mark.skipif(not shutil.which("cargo"), reason="no cargo")
def test_an_exercise_in_rust_is_believed_by_tokens(
    checkout: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The stub is refused, and the solution passes with every test switched on."""
    _, lines = said(capsys, checkout, "--track", "rust", "--to", root)
    line = lines["exercism/rust/sums"]
    assert line.startswith("ok"), line
    assert "2 skipped tests switched on" in line
    assert "exit status" not in line


@pytest.mark.go
def test_an_exercise_in_go_is_believed_by_proof(checkout: Path, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a remark."""
    _, lines = said(capsys, checkout, "--track", "go", "--to", root)
    assert "ok      exercism/go/steps" == lines["exercism/go/steps"]


def test_a_set_that_changed_since_the_import_is_noticed(
    checkout: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before a run by hash, and when it is imported again; importing another task does not bless the change."""
    words = ["--to", root, "--only"]
    said(capsys, checkout, *words, "odd")
    spec = root / "exercism" / "python" / "odd" / "workspace" / "odd_test.py"
    spec.write_text(ODD_TEST.replace("3", "5"))
    said(capsys, checkout, *words, "tally")
    with pytest.raises(ConfigError) as error:
        check_seed(load("exercism/python/odd", task_root=str(root)))
    assert ("changed: odd_test.py" in str(error.value), 1) == (True, len(str(error.value).splitlines()))
    check_seed(load("exercism/python/tally", task_root=str(root)))
    practice = checkout / "python" / "exercises" / "practice"
    (practice / "odd" / "odd_test.py").write_text(ODD_TEST.replace("3", "7"))
    _, lines = said(capsys, checkout, *words, "odd")
    assert "changed since the last import" in lines["exercism/python/odd"]
    check_seed(load("exercism/python/odd", task_root=str(root)))


def test_two_tasks_of_one_name_are_one_line(
    checkout: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one folder the second is refused; in two folders the choice of either is."""
    said(capsys, checkout, "--only", "odd", "--to", root)
    other = tmp_path / "other"
    shutil.copytree(checkout, other, symlinks=True)
    code, lines = said(capsys, other, "--only", "odd", "--to", root)
    assert (1, True) == (code, "is there already" in lines["exercism/python/odd"])
    said(capsys, other, "--only", "odd", "--to", tmp_path / "second")
    with pytest.raises(ConfigError) as error:
        load("exercism/python/odd", task_root=f"{root}:{tmp_path / 'second'}")
    assert f"lies in {root} and in {tmp_path / 'second'}" in str(error.value)
