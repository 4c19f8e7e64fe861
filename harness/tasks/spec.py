"""A spec: the Go test functions that ship with a seed."""

import re
from pathlib import Path

TEST_FUNCTION = re.compile(r"^func (Test(?:[^\W a-z]\w*)?)\(\w+ \*testing\.T\)", re.MULTILINE)


def spec_files(seed: Path) -> list[Path]:
    """The test files of a seed, in the order of their paths."""
    return sorted(seed.rglob("*_test.go"))


def spec_functions(seed: Path) -> dict[str, list[str]]:
    """The names of the test functions, by the folder of their package (`.` is the root)."""
    packages: dict[str, list[str]] = {}
    for path in spec_files(seed):
        names = TEST_FUNCTION.findall(path.read_text(encoding="utf-8"))
        packages.setdefault(path.parent.relative_to(seed).as_posix(), []).extend(names)
    return packages
