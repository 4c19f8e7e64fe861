"""What a run left, as bytes that travel."""

import io
import os
import tarfile
from pathlib import Path

import pytest

from harness.outputs import pack, unpack


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a run leaves."""
    left = tmp_path / "left"
    (left / "workspace" / "kit").mkdir(parents=True)
    (left / "workspace" / "kit" / "kit.go").write_text("package kit\n")
    (left / "transcript.jsonl").write_text('{"event": "run_started"}\n')
    (left / "config.json").write_text("{}\n")
    return left


def test_files_arrive_as_they_were(folder: Path, tmp_path: Path) -> None:
    """All of them, byte for byte."""
    parcel, left = pack(folder)
    unpack(parcel, tmp_path / "here")
    assert (tree(folder), ()) == (tree(tmp_path / "here"), left)


@pytest.mark.parametrize(
    ("large", "left"), [("workspace/big", ("workspace",)), ("transcript.jsonl", ("workspace", "transcript.jsonl"))]
)
def test_what_is_too_large_stays_behind(folder: Path, tmp_path: Path, large: str, left: tuple[str, ...]) -> None:
    """And is named, so that it can be told where it lies."""
    (folder / large).write_bytes(os.urandom(20_000))
    parcel, missing = pack(folder, most_bytes=10_000)
    unpack(parcel, tmp_path / "here")
    assert left == missing
    assert {name for name in tree(folder) if name.split("/")[0] not in left} == set(tree(tmp_path / "here"))


def test_nothing_is_written_outside(tmp_path: Path) -> None:
    """Names that lead out, links and devices are passed over; what follows them still arrives."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as files:
        for name in ("../out", str(tmp_path / "abs"), "fine"):
            member = tarfile.TarInfo(name)
            member.size = 2
            files.addfile(member, io.BytesIO(b"ok"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        files.addfile(link)
    (tmp_path / "here").mkdir()
    unpack(buffer.getvalue(), tmp_path / "here")
    assert {"here/fine": b"ok"} == tree(tmp_path)
    assert ["fine"] == [path.name for path in (tmp_path / "here").iterdir()]


@pytest.mark.parametrize("cut", [0, 10, 60])
def test_a_broken_parcel_is_a_fault_of_the_machine(folder: Path, tmp_path: Path, cut: int) -> None:
    """It raises OSError, as every other trouble with files does."""
    with pytest.raises(OSError, match=r"parcel|gzip|file"):
        unpack(pack(folder)[0][:cut], tmp_path / "here")
