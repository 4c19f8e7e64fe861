"""The folder that the subject works in."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.workspace import PathError, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    root = tmp_path / "work"
    root.mkdir()
    return Workspace(root)


@pytest.mark.parametrize(
    ("given_path", "expected"),
    [("a.go", "a.go"), ("./a.go", "a.go"), ("/a.go", "a.go"), ("../../a.go", "a.go"), ("x/../a.go", "a.go"), ("", ".")],
)
def test_every_way_of_writing_a_path_stays_inside(workspace: Workspace, given_path: str, expected: str) -> None:
    """Absolute paths and `..` are taken from the root of the workspace."""
    assert expected == workspace.relative(workspace.resolve(given_path))


def test_the_absolute_path_of_the_workspace_means_the_file_in_it(tmp_path: Path) -> None:
    """By its real path and by a link to it, with and without the first slash, and no copy of the path is made."""
    (tmp_path / "work").mkdir()
    (tmp_path / "link").symlink_to("work")
    workspace = Workspace(tmp_path / "link")
    for root in (tmp_path / "work", tmp_path / "link"):
        for path in (
            f"{root}/m.go",
            f"{root}//./m.go",
            f"{root}/sub/../m.go",
            f"//{root}/m.go",
            str(root / "m.go")[1:],
        ):
            assert "m.go" == workspace.relative(workspace.resolve(path))
        assert "." == workspace.relative(workspace.resolve(str(root)))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/tmp/x/m.go", "/home/user/work/m.go", "{outside}/m.go", "{root}/../m.go"]
)
def test_an_absolute_path_of_elsewhere_is_no_path_of_the_workspace(workspace: Workspace, path: str) -> None:
    """It must begin with a folder that is there, or else a slip would make a copy of it; the error says so."""
    path = path.format(outside=workspace.root.parent / "elsewhere", root=workspace.root)
    with pytest.raises(PathError, match="leads outside the workspace; paths are relative to its root"):
        workspace.resolve(path)


def test_an_absolute_path_from_the_root_is_understood(workspace: Workspace) -> None:
    """Some models take the workspace for the root of all files."""
    (workspace.root / "pkg").mkdir()
    assert "pkg/new.go" == workspace.relative(workspace.resolve("/pkg/new.go"))


def test_a_link_that_leads_outside_is_refused(workspace: Workspace) -> None:
    """Code under test can plant links; neither a linked file nor a linked folder is followed outside."""
    (workspace.root / "file").symlink_to("/etc/passwd")
    (workspace.root / "folder").symlink_to("/etc")
    for path in ("file", "folder/passwd"):
        with pytest.raises(PathError, match="leads outside the workspace"):
            workspace.resolve(path)


def test_a_loop_of_links_is_refused(workspace: Workspace) -> None:
    """A link that points at itself is no path, and no crash."""
    (workspace.root / "loop").symlink_to("loop")
    with pytest.raises(PathError):
        workspace.resolve("loop/x")


def test_the_fingerprint_sees_content_names_and_nothing_else(workspace: Workspace) -> None:
    """It changes with bytes and paths of regular files, and not with times, modes, links or notes."""
    file = workspace.root / "a.go"
    file.write_text("package a")
    first = workspace.fingerprint()
    os.utime(file, (1, 1))
    file.chmod(0o600)
    (workspace.root / "link").symlink_to("a.go")
    (workspace.root / "PROGRESS.md").write_text("notes")
    (workspace.root / "sub").mkdir()
    (workspace.root / "sub" / "PROGRESS.md").write_text("notes")
    assert first == workspace.fingerprint()
    file.rename(workspace.root / "b.go")
    assert first != workspace.fingerprint()


def test_names_and_contents_are_framed(workspace: Workspace) -> None:
    """Bytes moved from the end of a name to the beginning of a content are a change."""
    (workspace.root / "a").write_text("bc")
    first = workspace.fingerprint()
    (workspace.root / "a").unlink()
    (workspace.root / "ab").write_text("c")
    assert first != workspace.fingerprint()


def test_wiping_the_notes_takes_them_at_any_depth_and_nothing_else(workspace: Workspace) -> None:
    """Every PROGRESS.md goes, and a file of a similar name stays."""
    kept = {"PROGRESS.txt", "sub/progress.md"}
    (workspace.root / "sub").mkdir()
    for name in ("PROGRESS.md", "sub/PROGRESS.md", *kept):
        (workspace.root / name).write_text("x")
    workspace.wipe_scratch()
    assert kept == {name for name, _ in workspace.files()}


def test_a_seeded_file_is_as_new(workspace: Workspace, tmp_path: Path) -> None:
    """A tool that compares times, as cargo does, takes nothing that an earlier run built for the seed's own code."""
    seed = tmp_path / "seed"
    seed.mkdir()
    (seed / "run.sh").write_text("exit 0")
    (seed / "run.sh").chmod(0o755)
    os.utime(seed / "run.sh", (1, 1))
    begun = time.time()
    workspace.reseed(seed)
    status = (workspace.root / "run.sh").stat()
    assert (True, 0o755) == (status.st_mtime > begun - 2, status.st_mode & 0o777)


def test_reseeding_makes_the_folder_exactly_the_seed(workspace: Workspace, tmp_path: Path) -> None:
    """What an earlier run left goes, locked folders and links included; a link's target stays."""
    seed, outside = tmp_path / "seed", tmp_path / "outside"
    seed.mkdir()
    outside.mkdir()
    (outside / "precious").write_text("x")
    (seed / "go.mod").write_text("module m")
    locked = workspace.root / "locked"
    locked.mkdir()
    (locked / "left.go").write_text("x")
    locked.chmod(0o500)
    (workspace.root / "link").symlink_to(outside)
    workspace.reseed(seed)
    assert ["go.mod"] == [name for name, _ in workspace.files()]
    assert (outside / "precious").exists()


def test_a_workspace_is_kept_with_all_its_files(workspace: Workspace, tmp_path: Path) -> None:
    """The copy holds every regular file under its own path."""
    (workspace.root / "sub").mkdir()
    (workspace.root / "sub" / "a.go").write_text("package sub")
    assert workspace.keep(tmp_path / "kept") is True
    assert "package sub" == (tmp_path / "kept" / "sub" / "a.go").read_text()


@pytest.mark.parametrize(
    "deed",
    [
        lambda root: (root / "PROGRESS.md").write_text("half way"),
        lambda root: (root / "link").symlink_to("a.go"),
        lambda root: (root / "a.go").chmod(0o600),
        lambda root: (root / "folder").mkdir(),
    ],
)
def test_the_state_tells_apart_what_counts_as_no_progress(workspace: Workspace, deed: Callable[[Path], object]) -> None:
    """Notes, links, modes and empty folders are no progress, but no verdict is carried over a change to them."""
    (workspace.root / "a.go").write_text("package a\n")
    fingerprint, state = workspace.fingerprint(), workspace.state()
    deed(workspace.root)
    assert (True, False) == (fingerprint == workspace.fingerprint(), state == workspace.state())
