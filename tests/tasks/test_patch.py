"""Patches of folders: git itself applies each, and what comes out is what the run left."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.tasks import patch
from harness.tasks.content import content_of
from harness.tasks.own_folder import OwnFolder
from harness.tasks.patch import patch_of_work

Change = Callable[[Path], None]

TEXT = "".join(f"line {number}\n" for number in range(40))


def lay(root: Path) -> None:
    """Write a folder with a file of each kind."""
    (root / "pkg" / "deep").mkdir(parents=True)
    (root / "pkg" / "a.txt").write_text(TEXT)
    (root / "pkg" / "deep" / "b.txt").write_text("one\ntwo\nthree")
    (root / "windows.txt").write_bytes(b"one\r\ntwo\r\nthree\rfour\x0cfive\r\n")
    (root / "empty").touch()
    (root / "image.bin").write_bytes(bytes(range(256)) * 20)
    (root / "run.sh").write_text("#!/bin/sh\necho hi\n")
    (root / "run.sh").chmod(0o755)
    (root / "link").symlink_to("pkg/a.txt")
    (root / "PROGRESS.md").write_text("notes\n")


def write(name: str, content: bytes) -> Change:
    def change(root: Path) -> None:
        place = Path(os.fsdecode(os.fsencode(root) + b"/" + name.encode(errors="surrogateescape")))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    return change


def relink(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").symlink_to("run.sh")


def link_to_file(root: Path) -> None:
    (root / "link").unlink()
    (root / "link").write_text("pkg/a.txt")


def file_to_link(root: Path) -> None:
    (root / "empty").unlink()
    (root / "empty").symlink_to("windows.txt")


def folder_to_file(root: Path) -> None:
    shutil.rmtree(root / "pkg" / "deep")
    (root / "pkg" / "deep").write_text("a file now\n")


def file_to_folder(root: Path) -> None:
    (root / "empty").unlink()
    (root / "empty").mkdir()
    (root / "empty" / "x").write_text("x\n")


def move(root: Path) -> None:
    (root / "pkg" / "a.txt").rename(root / "moved here.txt")


CHANGES: dict[str, Change] = {
    "nothing but notes": lambda root: (root / "PROGRESS.md").unlink(),
    "a line": write("pkg/a.txt", TEXT.replace("line 20\n", "line twenty\n").encode()),
    "both ends": write("pkg/a.txt", f"first\n{TEXT}last\n".encode()),
    "far apart": write("pkg/a.txt", TEXT.replace("line 3\n", "").replace("line 33\n", "x\ny\n").encode()),
    "everything": write("pkg/a.txt", b"other\n"),
    "nothing left": write("pkg/a.txt", b""),
    "something in an empty file": write("empty", b"now\n"),
    "no end of the last line": write("pkg/a.txt", TEXT.rstrip("\n").encode()),
    "an end of the last line": write("pkg/deep/b.txt", b"one\ntwo\nthree\n"),
    "the last line without an end": write("pkg/deep/b.txt", b"one\ntwo\nfour"),
    "ends of other systems": write("windows.txt", b"one\r\n2\r\nthree\rfour\x0csix\r\n"),
    "bytes": write("image.bin", bytes(range(255, -1, -1)) * 7),
    "bytes of any length": write("image.bin", random.Random(3).randbytes(5003)),
    "bytes that become text": write("image.bin", b"text\n"),
    "text that becomes bytes": write("pkg/a.txt", b"te\0xt\n"),
    "text that is no UTF-8": write("pkg/a.txt", b"gr\xfc\xdfe\n"),
    "a new file": write("new/er/c.txt", b"hello\n"),
    "a new empty file": write("new/empty", b""),
    "a new binary file": write("new.bin", b"\0\1\2"),
    "a new file that runs": lambda root: (root / "tool").touch(0o755),
    "a file less": lambda root: (root / "pkg" / "a.txt").unlink(),
    "an empty file less": lambda root: (root / "empty").unlink(),
    "a binary file less": lambda root: (root / "image.bin").unlink(),
    "a mode more": lambda root: (root / "pkg" / "a.txt").chmod(0o755),
    "a mode less": lambda root: (root / "run.sh").chmod(0o644),
    "a mode and text": lambda root: (write("run.sh", b"#!/bin/sh\n")(root), (root / "run.sh").chmod(0o644))[0],
    "a mode and bytes": lambda root: (write("image.bin", b"\0")(root), (root / "image.bin").chmod(0o755))[0],
    "another target": relink,
    "a link that becomes a file": link_to_file,
    "a file that becomes a link": file_to_link,
    "a folder that becomes a file": folder_to_file,
    "a file that becomes a folder": file_to_folder,
    "a new name": move,
    "a name with blanks": write("a name with  blanks .txt", b"x\n"),
    "a name of another alphabet": write("größe/日本語 🎉.txt", b"x\n"),
    "a name with quotes": write('a "quoted" \\name\\.txt', b"x\n"),
    "a name with control characters": write("tab\there\nand a line\x1b[31m.txt", b"x\n"),
    "a name that is no UTF-8": write("gr\udcfc\udcdfe.txt", b"x\n"),
    "a name like a header": write("b/--- a/dev/null", b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n"),
    "a large part": write("pkg/a.txt", "".join(f"other {n}\n" for n in range(7000)).encode()),
    "a large part in the middle": write(
        "pkg/a.txt", TEXT.replace("line 20\n", "".join(f"other {n}\n" for n in range(7000))).encode()
    ),
    "lines that are all alike": write("pkg/a.txt", b"\n" * 3000),
}


def patched(before: Path, after: Path) -> bytes:
    """Return the patch between two folders, as a run makes it."""
    content = content_of(before)
    result = patch_of_work(OwnFolder(content, before, content.dependencies), after)
    assert result is not None
    return result


def applied(change: bytes, folder: Path) -> None:
    """Apply a patch with git, whatever the settings of this machine are."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        input=change,
        cwd=folder,
        capture_output=True,
        env=environment,
        check=False,
    )
    assert (0, b"") == (done.returncode, done.stderr), change.decode(errors="replace")[:2000]


def same(one: Path, other: Path) -> None:
    """Compare two folders, all but the subject's notes."""
    left, right = content_of(one).files, content_of(other).files
    assert left.keys() - {"PROGRESS.md"} == right.keys() - {"PROGRESS.md"}
    for name in left.keys() & right.keys():
        assert (left[name].mode, left[name].read()) == (right[name].mode, right[name].read()), name


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """The folder as it was given, and the workspace of a run on it."""
    before, after = tmp_path / "before", tmp_path / "after"
    lay(before)
    shutil.copytree(before, after, symlinks=True)
    return before, after


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_git_applies_the_patch_of_any_change(pair: tuple[Path, Path], change: Change) -> None:
    """And the folder is then what the run left; without a change there is no patch."""
    before, after = pair
    change(after)
    result = patched(before, after)
    if result:
        applied(result, before)
    assert bool(result) == (change is not CHANGES["nothing but notes"])
    same(after, before)


def test_git_applies_many_changes_at_once(pair: tuple[Path, Path]) -> None:
    """In a repository too, where a binary file must be the very one that the patch was made of."""
    before, after = pair
    for change in (
        "a line",
        "bytes",
        "another target",
        "a file that becomes a link",
        "a name with quotes",
        "a mode less",
    ):
        CHANGES[change](after)
    subprocess.run(["git", "init", "-q", str(before)], check=True, capture_output=True)
    applied(patched(before, after), before)
    same(after, before)


@pytest.mark.parametrize("seed", range(40))
def test_git_applies_the_patch_of_any_text(tmp_path: Path, seed: int) -> None:
    """Random edits of random texts, with repeated lines, odd ends of lines, and none at the end of the file."""
    draw = random.Random(seed)
    lines = [
        b"a\n",
        b"b\n",
        b"\n",
        b"a\r\n",
        b" \n",
        b"\\ No newline at end of file\n",
        b"-x\n",
        b"+x\n",
        b"@@\n",
        b"\r",
    ]
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
    for number in range(6):
        old = draw.choices(lines, k=draw.randint(0, 60))
        new = [line for line in old if draw.random() < 0.9]
        for _ in range(draw.randint(0, 6)):
            new.insert(draw.randint(0, len(new)), draw.choice(lines))
        for folder, content in ((before, old), (after, new)):
            (folder / f"{number}.txt").write_bytes(b"".join(content)[: -draw.randint(0, 1) or None])
    if result := patched(before, after):
        applied(result, before)
    same(after, before)


def test_a_patch_has_a_largest_size(pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a model left, sparse or not, is not read beyond it; what it did not change counts nothing."""
    before, after = pair
    content = content_of(before)
    own = OwnFolder(content, before, ())
    with (after / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    assert patch_of_work(own, after) is None
    (after / "sparse").unlink()
    monkeypatch.setattr(patch, "MOST_BYTES", 100)
    assert b"" == patch_of_work(own, after)
    CHANGES["everything"](after)
    assert patch_of_work(own, after) is None


def test_what_is_no_work_is_in_no_patch(pair: tuple[Path, Path]) -> None:
    """Caches, installed packages, places of programs of the user and what is no file; but all that was there is."""
    before, after = pair
    for name in (
        "__pycache__/a.pyc",
        "node_modules/x/index.js",
        ".git/hooks/post-checkout",
        ".vscode/tasks.json",
        ".envrc",
    ):
        write(name, b"x\n")(after)
    write("out/CACHEDIR.TAG", b"Signature: 8a477f597d28d172789f06886806bc55\n")(after)
    write("out/object.o", b"x\n")(after)
    os.mkfifo(after / "pipe")
    assert b"" == patched(before, after)
    write("pkg/CACHEDIR.TAG", b"other\n")(after)
    (after / "pkg" / "a.txt").unlink()
    result = patched(before, after)
    applied(result, before)
    assert (False, "other\n") == ((before / "pkg" / "a.txt").exists(), (before / "pkg" / "CACHEDIR.TAG").read_text())
