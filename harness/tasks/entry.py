"""Entries of the catalogue (`examples/catalogue.json`), which is generated and compared with the disk."""

import hashlib
import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from harness.config import ConfigError
from harness.tasks.notes import read_notes
from harness.tasks.seed import file_hashes, seed_sha256
from harness.toolchains.select import toolchain_of, verify_of

GO = "go test ./..."
CATALOGUE = "catalogue.json"
"""Name of the file, in the folder of the tasks."""


@dataclass(frozen=True)
class CatalogueEntry:
    """One task, by content."""

    seed_sha256: str
    prompt_sha256: str
    packages: Mapping[str, list[str]]
    """Names of the tests, by unit of elision: the folder of a package, or a spec file."""
    files: Mapping[str, str]
    """SHA-256 of each file of the seed."""
    verify: str = GO
    """The command that decides."""


def describe(folder: Path, seed: Path | None = None) -> CatalogueEntry:
    """The entry of the task in a folder, as it lies on disk; `seed` is that of a variant."""
    prompt, seed = folder / "PROMPT.md", seed or folder / "workspace"
    notes = read_notes(folder)
    verify = notes.verify if notes else verify_of(seed)
    return CatalogueEntry(
        seed_sha256=seed_sha256(seed),
        prompt_sha256=hashlib.sha256(prompt.read_bytes()).hexdigest(),
        packages=toolchain_of(shlex.split(verify)).expected_tests(seed),
        files=file_hashes(seed),
        verify=verify,
    )


def read_entries(examples: Path) -> Mapping[str, CatalogueEntry]:
    """All entries by the name of their task, in the order of the names. A file is read again once it changes."""
    path = f"{examples}/{CATALOGUE}"
    try:
        status = os.stat(path)  # noqa: PTH116 - asked for each of the thousands of tasks of a sweep
        return _parsed(path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path}: the catalogue of the tasks cannot be read: {error}") from error


@lru_cache(maxsize=16)
def _parsed(path: str, *version: int) -> Mapping[str, CatalogueEntry]:
    """Parse the file; `version` tells when to do so again. A set of thousands of tasks is read once a sweep."""
    del version
    plain = json.loads(Path(path).read_text(encoding="utf-8"))
    return MappingProxyType({name: CatalogueEntry(**fields) for name, fields in sorted(plain.items())})


def write_entries(examples: Path, entries: Mapping[str, CatalogueEntry]) -> None:
    """Replace the file as a whole."""
    plain = {name: asdict(entry) for name, entry in entries.items()}
    fresh = examples / f"{CATALOGUE}.new"
    fresh.write_text(json.dumps(plain, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(examples / CATALOGUE)
