"""What the tests of a package are made of: a key that changes whenever anything of it does.

That is its own files, those of every package of the module that it imports, however indirectly, and whatever in the
workspace is no package at all: module files, data, embedded files. The subject's notes alone are left out.
"""

import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from harness.gate.module import folder_of
from harness.gate.source import imports, tokens
from harness.trees import walk
from harness.workspace import SCRATCH


def package_keys(root: Path, module: str) -> dict[str, str]:
    """The key of each folder with Go files, by folder, `.` for the root."""
    packages: dict[str, hashlib._Hash] = {}
    imported: dict[str, set[str]] = {}
    common = hashlib.sha256()
    for path in _files(root):
        content = (root / path).read_bytes()
        folder = str(PurePosixPath(path).parent)
        if not is_source(path):
            _add(common, path, content)
            continue
        _add(packages.setdefault(folder, hashlib.sha256()), path, content)
        found = _imported(content.decode(errors="replace"))
        imported.setdefault(folder, set()).update(filter(None, (folder_of(one, module) for one in found)))
    digests = {folder: digest.hexdigest() for folder, digest in packages.items()}
    return {folder: _key(_reached(folder, imported), digests, common.hexdigest()) for folder in digests}


def is_source(path: str) -> bool:
    """Whether a file is one that Go takes for a part of a package: not if it, or a folder on the way, is set apart."""
    parts = PurePosixPath(path).parts
    apart = any(part.startswith((".", "_")) or part == "testdata" for part in parts)
    return path.endswith(".go") and not apart and "vendor" not in parts[:-1]


def _files(root: Path) -> list[str]:
    found = (entry.name for entry in walk(root) if not entry.is_folder)
    return sorted(path for path in found if PurePosixPath(path).name != SCRATCH)


def _add(total: "hashlib._Hash", path: str, content: bytes) -> None:
    total.update(os.fsencode(path) + f"\n{len(content)}\n".encode() + content)


@lru_cache(maxsize=1024)
def _imported(source: str) -> frozenset[str]:
    return frozenset(one.path for one in imports(tokens(source)))


def _reached(folder: str, imported: Mapping[str, set[str]]) -> list[str]:
    """The folder and all that it imports, also what is not there yet: its coming is a change."""
    reached, ahead = {folder}, [folder]
    while ahead:
        new = imported.get(ahead.pop(), set()) - reached
        reached |= new
        ahead += new
    return sorted(reached)


def _key(reached: list[str], digests: Mapping[str, str], common: str) -> str:
    lines = [common, *(f"{folder} {digests.get(folder, '')}" for folder in reached)]
    return hashlib.sha256(os.fsencode("\n".join(lines))).hexdigest()
