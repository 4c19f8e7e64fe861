"""Files of a run, packed as bytes to travel between machines."""

import io
import shutil
import tarfile
import zlib
from pathlib import Path

LARGEST = 64 << 20
"""Largest number of bytes of a parcel. Transcripts shrink to a tenth, and workspaces are small: few runs come near."""


def pack(folder: Path, largest: int = LARGEST) -> tuple[bytes, tuple[str, ...]]:
    """Pack the files of a folder; return the bytes and the names that did not fit. The workspace is left out first."""
    left: tuple[str, ...] = ()
    for without in ("", "workspace", "transcript.jsonl"):
        left = (*left, without) if without else left
        packed = _packed(folder, left)
        if len(packed) <= largest:
            break
    return packed, left


def unpack(parcel: bytes, folder: Path) -> None:
    """Put the files into a folder. Names that lead out of it, and all that is no regular file, are passed over."""
    root = folder.resolve()
    try:
        with tarfile.open(fileobj=io.BytesIO(parcel), mode="r:gz") as files:
            for member in files:
                path = (root / member.name).resolve()
                content = files.extractfile(member) if member.isreg() and root in path.parents else None
                if content is not None:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as file:
                        shutil.copyfileobj(content, file)
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise OSError(f"a parcel cannot be read: {error}") from error


def _packed(folder: Path, without: tuple[str, ...]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6) as files:
        for path in sorted(folder.iterdir()):
            if path.name not in without:
                files.add(path, path.name)
    return buffer.getvalue()
