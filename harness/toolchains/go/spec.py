"""The spec of a task: the test functions that must pass, read from the pristine test files.

`test_functions` is the only rule for what a Go test is. It is the rule of the go command (cmd/go/internal/load,
`isTestFunc`), so a spec that imports package testing by another name, or by a dot, has its tests all the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from harness.gate.pins import PinnedFile
from harness.toolchains.go.source import functions, package_name, tokens

OWN_MAIN = "TestMain"


@dataclass(frozen=True)
class PackageSpec:
    """The tests of one package."""

    folder: str
    """Path relative to the root of the module; `.` is the root."""
    package: str
    """Package clause, such as `paths_test`: that of the file with TestMain, else of the first file."""
    tests: tuple[str, ...]
    main: str | None
    """Path of the file that declares TestMain; None if there is none."""


def read_spec(
    files: Mapping[str, PinnedFile], built: Mapping[str, Sequence[str]] | None = None
) -> dict[str, PackageSpec]:
    """Return the packages that have test functions, by folder.

    `built` holds the test files that belong to the build, by folder, as the go command lists them. Without it, test
    files are recognised by their names.
    """
    folders = _by_name(files) if built is None else {folder: list(paths) for folder, paths in built.items()}
    specs = (_package(folder, paths, files) for folder, paths in folders.items() if paths)
    return {spec.folder: spec for spec in specs if spec.tests}


def _by_name(files: Mapping[str, PinnedFile]) -> dict[str, list[str]]:
    folders: dict[str, list[str]] = {}
    for path in sorted(files):
        if path.endswith("_test.go") and not _is_ignored(path):
            folders.setdefault(str(PurePosixPath(path).parent), []).append(path)
    return folders


def _package(folder: str, paths: list[str], files: Mapping[str, PinnedFile]) -> PackageSpec:
    sources = {path: tokens(files[path].content.decode(errors="replace")) for path in paths}
    declared = {path: dict(functions(source)) for path, source in sources.items()}
    tests = [name for names in declared.values() for name, parameters in names.items() if _is_test(name, parameters)]
    mains = [path for path, names in declared.items() if OWN_MAIN in names and names[OWN_MAIN][-1:] == ["M"]]
    main = next(iter(mains), None)
    return PackageSpec(folder, package_name(sources[main or paths[0]]), tuple(tests), main)


def test_functions(source: str) -> list[str]:
    """Return the names of the test functions that a Go file declares, in order."""
    return [name for name, parameters in functions(tokens(source)) if _is_test(name, parameters)]


def _is_test(name: str, parameters: list[str]) -> bool:
    """Apply Go's rule: `Test`, then no lower-case letter, and one parameter of type *T or *(any package).T."""
    rest = name.removeprefix("Test")
    return name.startswith("Test") and not rest[:1].islower() and "*" in parameters and parameters[-1] == "T"


def _is_ignored(path: str) -> bool:
    """Return True if Go leaves the file out of `./...`, for its own name or that of a folder above it."""
    parts = PurePosixPath(path).parts
    return any(part.startswith((".", "_")) or part == "testdata" for part in parts) or "vendor" in parts[:-1]
