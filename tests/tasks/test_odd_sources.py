"""Import from checkouts and folders in which something has another shape, or lies elsewhere."""

import json
import subprocess
from pathlib import Path

import pytest

from harness.tasks.__main__ import main
from harness.tasks.imports.exercism import origin_of


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    return tmp_path / "checkout" / "go" / "exercises" / "practice"


def exercise(practice: Path, files: dict[str, str]) -> Path:
    """One exercise of Go, named odd."""
    roles = {"solution": ["odd.go"], "test": ["odd_test.go"], "example": [".meta/example.go"]}
    usual = {
        ".docs/instructions.md": "Write odd.\n",
        ".meta/config.json": json.dumps({"files": roles}),
        ".meta/example.go": "package odd\n",
        "odd_test.go": "package odd\n",
        "sub/more.txt": "more\n",
    }
    for path, text in (usual | files).items():
        place = practice / "odd" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return practice / "odd"


def first_line(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main(["import", *map(str, words)])
    return code, capsys.readouterr().out.splitlines()[0]


ODD_CONFIGS = [
    ([], ".meta/config.json must be an object with an object `files`"),
    ({"files": []}, ".meta/config.json must be an object with an object `files`"),
    ({"files": {"solution": "a.go"}}, ".meta/config.json: files.solution must be a list of paths"),
    ({"files": {"test": None}}, ".meta/config.json: files.test must be a list of paths"),
    ({"files": {"test": [3]}}, "3 must be the path of a file"),
    ({"files": {"test": ["/etc/hostname"]}}, "/etc/hostname leads out of the exercise"),
]


@pytest.mark.parametrize(("config", "reason"), ODD_CONFIGS)
def test_a_config_of_another_shape_is_one_line(
    tmp_path: Path, practice: Path, config: object, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the part that is wrong."""
    exercise(practice, {".meta/config.json": json.dumps(config)})
    answer = first_line(capsys, "exercism", tmp_path / "checkout", "--to", tmp_path / "tasks")
    assert (1, f"unfit   exercism/go/odd: {reason}") == answer


@pytest.mark.parametrize("place", ["", ".docs", ".meta", "sub"])
def test_folders_that_are_links_are_refused(
    tmp_path: Path, practice: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of an exercise, and the exercise itself: what they lead to is not the set's."""
    made = exercise(practice, {})
    (made / place).rename(tmp_path / "elsewhere")
    (practice / "odd" / place).symlink_to(tmp_path / "elsewhere")
    code, line = first_line(capsys, "exercism", tmp_path / "checkout", "--to", tmp_path / "tasks")
    assert 1 == code
    assert "is a link" in line


def test_a_solution_that_is_a_link_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also in a folder of folders."""
    odd = exercise(tmp_path / "mine", {"PROMPT.md": "Write it."})
    (odd / "solution").symlink_to(tmp_path)
    answer = first_line(capsys, "folder", tmp_path / "mine", "--to", tmp_path / "tasks")
    assert (1, "unfit   mine/odd: solution is a link") == answer


def test_a_checkout_below_another_repository_has_no_commit(tmp_path: Path, practice: Path) -> None:
    """A commit is that of files which it holds."""
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e"]
    (tmp_path / "mine.txt").write_text("mine\n")
    exercise(practice, {})
    for words in (["init", "-q"], ["add", "mine.txt"], ["commit", "-qm", "mine"]):
        subprocess.run([*git, *words], check=True)
    checkout = tmp_path / "checkout"
    assert (str(checkout), "") == origin_of(checkout)
    for words in (["add", "."], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], check=True)
    assert origin_of(checkout)[1]
