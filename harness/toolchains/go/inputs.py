"""Cache keys of packages.

The key covers the package's own files, the files of every package of the module that it imports directly or
indirectly, and all files of the workspace that belong to no package: module files, data, embedded files, nested
modules. Only the subject's notes are left out.
"""

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from harness.toolchains.go.module import folder_of
from harness.toolchains.go.source import imports, tokens
from harness.trees import TreeEntry, walk
from harness.workspace import SCRATCH


def package_keys(root: Path, module: str) -> dict[str, str]:
    """Return the cache key of each folder with Go files; `.` is the root."""
    packages: dict[str, hashlib._Hash] = {}
    imported: dict[str, set[str]] = {}
    common = hashlib.sha256()
    files = _files(root)
    modules = [str(PurePosixPath(path).parent) for path in files if PurePosixPath(path).name == "go.mod"]
    inner = tuple(f"{folder}/" for folder in modules if folder != ".")
    for path, entry in files.items():
        content = entry.path.read_bytes() if entry.is_file else os.fsencode(os.readlink(entry.path))  # noqa: PTH115
        folder = str(PurePosixPath(path).parent)
        if not entry.is_file or not is_source(path) or path.startswith(inner):
            _add(common, path, content)
            continue
        _add(packages.setdefault(folder, hashlib.sha256()), path, content)
        paths = _imported(content.decode(errors="replace"))
        imported.setdefault(folder, set()).update(filter(None, (folder_of(one, module) for one in paths)))
    digests = {folder: digest.hexdigest() for folder, digest in packages.items()}
    return {folder: _key(_reached(folder, imported), digests, common.hexdigest()) for folder in digests}


def is_source(path: str) -> bool:
    """Return True if Go takes a file for a part of a package: neither it nor a folder above it is ignored."""
    parts = PurePosixPath(path).parts
    apart = any(part.startswith((".", "_")) or part == "testdata" for part in parts)
    return path.endswith(".go") and not apart and "vendor" not in parts[:-1]


def _files(root: Path) -> dict[str, TreeEntry]:
    """Return files and links by path, in order."""
    result = {entry.name: entry for entry in walk(root) if entry.is_file or entry.path.is_symlink()}
    return {path: result[path] for path in sorted(result) if PurePosixPath(path).name != SCRATCH}


def _add(total: "hashlib._Hash", path: str, content: bytes) -> None:
    total.update(os.fsencode(path) + f"\n{len(content)}\n".encode() + content)


@lru_cache(maxsize=1024)
def _imported(source: str) -> frozenset[str]:
    return frozenset(one.path for one in imports(tokens(source)))


def _reached(folder: str, imported: Mapping[str, set[str]]) -> list[str]:
    """Return the folder and all that it imports. Missing packages count too, since adding one is a change."""
    reached, ahead = {folder}, [folder]
    while ahead:
        new = imported.get(ahead.pop(), set()) - reached
        reached |= new
        ahead += new
    return sorted(reached)


def _key(reached: list[str], digests: Mapping[str, str], common: str) -> str:
    lines = [common, *(f"{folder} {digests.get(folder, '')}" for folder in reached)]
    return hashlib.sha256(os.fsencode("\n".join(lines))).hexdigest()
