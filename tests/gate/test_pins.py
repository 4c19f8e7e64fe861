"""Pinned files come back as they were, whatever was put in their place."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.gate.pins import Pins
from harness.toolchains.go.files import GO_FILES

SEED = {"go.mod": "module m\n", "a/a_test.go": "package a\n", "a/B_Test.go": "package a\n", "static/x.js": "x\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in SEED.items():
        target = tmp_path / "ws" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(0o644)
    return tmp_path / "ws"


def content(root: Path) -> dict[str, str]:
    return {path: (root / path).read_text() for path in SEED}


def test_specs_and_module_files_are_pinned_ignoring_case(root: Path) -> None:
    """Of a folder the tests and module files are pinned; of a seed, every file."""
    assert {"go.mod", "a/a_test.go", "a/B_Test.go"} == set(Pins.take(root, GO_FILES).files)
    assert set(SEED) == set(Pins.take(root, GO_FILES, everything=True).files)


def test_an_untouched_workspace_is_left_alone(root: Path) -> None:
    """Nothing is rewritten, so nothing is told."""
    before = (root / "a/a_test.go").stat().st_mtime_ns
    assert Pins.take(root, GO_FILES).restore(root) == ()
    assert before == (root / "a/a_test.go").stat().st_mtime_ns


def link_outside(path: Path) -> None:
    outside = path.parents[2] / "outside"
    outside.write_text("package mine\n")
    path.unlink()
    path.symlink_to(outside)


def second_name(path: Path) -> None:
    os.link(path, path.parents[2] / "second")


def folder_instead(path: Path) -> None:
    path.unlink()
    (path / "deep").mkdir(parents=True)


def linked_parent(path: Path) -> None:
    elsewhere = path.parents[2] / "elsewhere"
    shutil.move(path.parent, elsewhere)
    path.parent.symlink_to(elsewhere)


def file_for_parent(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("in the way")


DEEDS: list[Callable[[Path], object]] = [
    lambda path: path.write_text("package mine\n"),
    Path.unlink,
    lambda path: path.chmod(0o755),
    lambda path: shutil.rmtree(path.parent),
    link_outside,
    second_name,
    folder_instead,
    linked_parent,
    file_for_parent,
]


@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_was_done_to_a_pinned_file_is_undone_and_told(root: Path, deed: Callable[[Path], object]) -> None:
    """Bytes, mode and place come back, through no link, and the file is named."""
    pins = Pins.take(root, GO_FILES, everything=True)
    deed(root / "a/a_test.go")
    assert "a/a_test.go" in pins.restore(root)
    assert content(root) == SEED
    assert pins.restore(root) == ()


def test_a_link_is_not_written_through(root: Path) -> None:
    """What a planted link points at stays as it is."""
    pins = Pins.take(root, GO_FILES)
    link_outside(root / "a/a_test.go")
    pins.restore(root)
    assert (root.parent / "outside").read_text() == "package mine\n"
