"""A seed: the folder that a run starts from, identified by its content."""

import hashlib
import os
import stat
from collections.abc import Mapping
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
    result = file_hashes(folder)
    kinds = {
        "missing": expected.keys() - result.keys(),
        "added": (result.keys() - expected.keys()) | set(_irregular(folder)),
        "changed": {path for path in result.keys() & expected.keys() if result[path] != expected[path]},
    }
    return "; ".join(f"{kind}: {', '.join(sorted(paths))}" for kind, paths in kinds.items() if paths)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path: Path(folder, path).read_bytes() for path, mode in _entries(folder) if stat.S_ISREG(mode)}


def _irregular(folder: Path) -> list[str]:
    return [path for path, mode in _entries(folder) if not stat.S_ISREG(mode)]


def _entries(folder: Path) -> list[tuple[str, int]]:
    """Return path and mode of everything but folders, in the order of the paths."""
    result = []
    for parent, folders, files in os.walk(folder):
        for name in folders + files:
            path = Path(parent, name)
            mode = path.lstat().st_mode
            if not stat.S_ISDIR(mode):
                result.append((path.relative_to(folder).as_posix(), mode))
    return sorted(result)
