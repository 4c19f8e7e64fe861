"""The hash of a seed, and what is found different about one."""

from pathlib import Path

import pytest

from harness.tasks.seed import difference, file_hashes, seed_sha256


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """A folder with two files."""
    folder = tmp_path / "seed"
    (folder / "calc").mkdir(parents=True)
    (folder / "go.mod").write_text("module x\n")
    (folder / "calc" / "calc_test.go").write_text("package calc\n")
    return folder


def test_hash_rests_on_paths_and_bytes_alone(seed: Path) -> None:
    """Modes, times and empty folders leave the hash as it is."""
    before = seed_sha256(seed)
    (seed / "go.mod").chmod(0o600)
    (seed / "empty").mkdir()
    assert before == seed_sha256(seed)


@pytest.mark.parametrize("change", ["edit", "add", "remove", "rename"])
def test_hash_sees_every_change(seed: Path, change: str) -> None:
    """One file changed, added, removed or renamed is another seed."""
    before = seed_sha256(seed)
    go_mod = seed / "go.mod"
    match change:
        case "edit":
            go_mod.write_text("module y\n")
        case "add":
            (seed / "calc" / "calc.go").write_text("")
        case "remove":
            go_mod.unlink()
        case _:
            go_mod.rename(seed / "go.sum")
    assert before != seed_sha256(seed)


def test_hash_is_framed(tmp_path: Path) -> None:
    """Bytes that move between a name and a content, or between two files, do not cancel out."""
    hashes = set()
    for index, files in enumerate([{"a": "bc"}, {"ab": "c"}, {"a": "b", "c": ""}, {"a": "", "b": "c"}]):
        folder = tmp_path / str(index)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_text(content)
        hashes.add(seed_sha256(folder))
    assert len(hashes) == 4


def test_same_folder_differs_in_nothing(seed: Path) -> None:
    """A seed compared with its own files is as expected."""
    assert difference(seed, file_hashes(seed)) == ""


def test_difference_names_the_files(seed: Path) -> None:
    """What was added, changed or lost is told by name, stray files of editors and systems included."""
    expected = file_hashes(seed)
    (seed / "go.mod").unlink()
    (seed / "calc" / "calc_test.go").write_text("package other\n")
    (seed / "calc" / "calc.go").write_text("package calc\n")
    (seed / ".DS_Store").write_text("")
    found = difference(seed, expected)
    assert found == "missing: go.mod; added: .DS_Store, calc/calc.go; changed: calc/calc_test.go"


def test_link_is_never_followed(seed: Path, tmp_path: Path) -> None:
    """A link changes no hash, since it is not followed; but it is found as an added file."""
    expected, before = file_hashes(seed), seed_sha256(seed)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.go").write_text("package a\n")
    (seed / "linked").symlink_to(tmp_path / "outside")
    assert seed_sha256(seed) == before
    assert difference(seed, expected) == "added: linked"


def test_missing_folder_is_told(tmp_path: Path) -> None:
    """A seed that is not there at all differs too."""
    assert difference(tmp_path / "none", {}) == "the folder is missing"
