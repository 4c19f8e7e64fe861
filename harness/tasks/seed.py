"""A seed: the folder that a run starts from, identified by its content."""

import hashlib
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path


def seed_sha256(folder: Path) -> str:
    """Return the SHA-256 over path and bytes of every regular file, in the order of the paths; links are not followed.

    Each part is preceded by its length, so that no two different folders give the same stream of bytes.
    """
    total = hashlib.sha256()
    for path, content in _contents(folder).items():
        for part in (path.encode(), content):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()


def file_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every regular file, by its path relative to the folder."""
    return {path: hashlib.sha256(content).hexdigest() for path, content in _contents(folder).items()}


def difference(folder: Path, expected: Mapping[str, str]) -> str:
    """Return the files that are missing, added or changed, as one line; empty if there are none.

    A link, a pipe or a device counts as an added file: no seed has one, and no hash covers it.
    """
    if not folder.is_dir():
        return "the folder is missing"
    entries = _entries(folder)
    result = {path: hashlib.sha256(_read(folder, path)).hexdigest() for path, mode in entries if stat.S_ISREG(mode)}
    irregular = {path for path, mode in entries if not stat.S_ISREG(mode)}
    kinds = {
        "missing": expected.keys() - result.keys(),
        "added": (result.keys() - expected.keys()) | irregular,
        "changed": {path for path in result.keys() & expected.keys() if result[path] != expected[path]},
    }
    return "; ".join(f"{kind}: {', '.join(sorted(paths))}" for kind, paths in kinds.items() if paths)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path: _read(folder, path) for path, mode in _entries(folder) if stat.S_ISREG(mode)}


def _read(folder: Path, path: str) -> bytes:
    with open(f"{folder}/{path}", "rb") as file:  # noqa: PTH123 - a sweep reads thousands of small files before it starts
        return file.read()


def _entries(folder: Path) -> list[tuple[str, int]]:
    """Return path and mode of everything but folders, in the order of the paths."""
    result: list[tuple[str, int]] = []
    ahead = [""]
    while ahead:
        inner = ahead.pop()
        with suppress(OSError), os.scandir(f"{folder}/{inner}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    ahead.append(f"{inner}{entry.name}/")
                else:
                    result.append((inner + entry.name, entry.stat(follow_symlinks=False).st_mode))
    return sorted(result)
