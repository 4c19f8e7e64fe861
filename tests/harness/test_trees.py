"""Folders in which a model's code has run: whatever it leaves, it is looked at and removed."""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.trees import GET_FLAGS, SET_FLAGS, clear, readable, remove_tree, scratch_folder, walk
from harness.workspace import Workspace

from lab import DONE, SOLVE, STOP, Lab

IMMUTABLE = 0x10


def nested(root: Path, name: str = "d" * 200, depth: int = 30) -> None:
    """Folders so deep that their path is longer than the system takes, with a file at the bottom."""
    script = f"import os\nfor _ in range({depth}):\n os.mkdir({name!r}); os.chdir({name!r})\nopen('bottom', 'w')"
    subprocess.run([sys.executable, "-c", script], cwd=root, check=True)


def immutable(path: Path, flag: int = IMMUTABLE) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, GET_FLAGS, bytes(8))
        fcntl.ioctl(descriptor, SET_FLAGS, struct.pack("i4x", flag))
    except OSError as error:
        pytest.skip(f"no flags can be set here: {error}")
    finally:
        os.close(descriptor)


def frozen_folder(root: Path) -> None:
    (root / "folder").mkdir()
    (root / "folder" / "file").write_text("x")
    immutable(root / "folder" / "file")
    immutable(root / "folder", 0x20)


def frozen_root(root: Path) -> None:
    (root / "file").write_text("x")
    immutable(root)


def locked(root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_text("x")
    (root / "a" / "b").chmod(0)
    (root / "a").chmod(0)


def special(root: Path) -> None:
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "s"))


def linked(root: Path) -> None:
    (root / "loop").symlink_to("loop")
    (root / "up").symlink_to("..")
    (root / "etc").symlink_to("/etc")
    os.link(root.parent / "outside", root / "hard")


def sparse(root: Path) -> None:
    with (root / "huge").open("wb") as file:
        file.truncate(1 << 40)


def mounted(root: Path) -> None:
    (root / "m").mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", root / "m"], check=False, capture_output=True)
    if done.returncode:
        pytest.skip("nothing can be mounted here")
    (root / "m" / "file").write_text("x")


def many(root: Path) -> None:
    for number in range(2000):
        (root / f"f{number}").touch()


DEEDS: list[Callable[[Path], None]] = [
    nested,
    lambda root: nested(root, "d", 3000),
    lambda root: Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9.txt")).write_text("x"),
    lambda root: Path(os.fsdecode(os.fsencode(root) + b"/\xff\xfe")).mkdir(),
    frozen_folder,
    frozen_root,
    locked,
    special,
    linked,
    sparse,
    mounted,
    many,
]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "outside").write_text("precious")
    folder = tmp_path / "work" / "task"
    folder.mkdir(parents=True)
    (folder / "a.go").write_text("package a")
    yield folder
    clear(tmp_path / "work")


@pytest.mark.parametrize("deed", DEEDS)
def test_whatever_code_left_is_looked_at_and_gone(root: Path, tmp_path: Path, deed: Callable[[Path], None]) -> None:
    """Fingerprint, state, notes and copy survive it in little time, and the next seed finds nothing of it."""
    (root.parent / "outside").write_text("precious")
    seed = tmp_path / "seed"
    seed.mkdir()
    (seed / "go.mod").write_text("module m")
    deed(root)
    workspace, begun = Workspace(root), time.monotonic()
    assert (workspace.fingerprint(), workspace.state()) == (workspace.fingerprint(), workspace.state())
    workspace.wipe_scratch()
    workspace.keep(tmp_path / "kept")
    workspace.reseed(seed)
    assert ["go.mod"] == [entry.name for entry in walk(root)]
    assert time.monotonic() - begun < 120
    assert "precious" == (root.parent / "outside").read_text()
    assert ["outside", "task"] == sorted(path.name for path in root.parent.iterdir())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_removes_locked_folders(root: Path) -> None:
    """Rights that code took away are given back, without the privileges of root."""
    locked(root)
    for path in (root, *root.rglob("*"), root.parent):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    root.parent.chmod(0o777)
    for path in root.parents:
        if path != root.parent and path.stat().st_uid == 0 and str(path).startswith("/tmp/"):
            path.chmod(path.stat().st_mode | 0o011)
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            remove_tree(root)
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert (0, False) == (os.waitpid(child, 0)[1], root.exists())


def test_a_scratch_folder_goes_whatever_was_put_there() -> None:
    """Neither depth nor locks make its end an error."""
    with scratch_folder("harness-test-") as folder:
        nested(folder)
        locked(folder)
    assert not folder.exists()


def test_what_cannot_be_removed_is_moved_aside(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The path is free for the next run, and nothing is lost."""

    def refused(path: Path) -> None:
        raise PermissionError(1, "refused")

    monkeypatch.setattr("harness.trees.remove_tree", refused)
    clear(root)
    [left] = root.parent.iterdir()
    assert (False, True) == (root.exists(), left.name.startswith("task.not-removed-"))
    monkeypatch.undo()


def test_a_change_inside_a_large_file_is_a_change_of_state(root: Path) -> None:
    """Only its ends are read, so that the time of its change has to tell."""
    sparse(root)
    workspace = Workspace(root)
    before = workspace.state()
    with (root / "huge").open("r+b") as file:
        file.seek(1 << 39)
        file.write(b"x")
    assert before != workspace.state()


def test_names_that_are_no_utf8_can_be_shown() -> None:
    """Each byte is named, and the text can be encoded."""
    assert "caf\\xe9.txt \\ud800" == readable("caf\udce9.txt \ud800")


@pytest.mark.go
@pytest.mark.parametrize("name", ["nested", "named"])
def test_what_code_leaves_is_no_fault_of_this_run_or_the_next(lab: Lab, name: str) -> None:
    """A run whose folder holds it ends as a result, and so does the next, which finds nothing of it."""
    lab.run([STOP], max_iters=1)
    other = Lab(lab.folder)
    plant = nested if name == "nested" else DEEDS[2]
    original = Workspace.reseed

    def planted(self: Workspace, seed: Path) -> None:
        original(self, seed)
        plant(self.root)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "reseed", planted)
        first = other.run([SOLVE, DONE])
    second = other.run([SOLVE, DONE])
    assert ("completed", "completed") == (first.outcome.value, second.outcome.value)
