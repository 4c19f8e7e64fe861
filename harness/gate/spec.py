"""What a spec demands, read from its pristine bytes: which test functions of which packages must pass."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from harness.gate.pins import PinnedFile
from harness.gate.source import functions, package_name, tokens

OWN_MAIN = "TestMain"


@dataclass(frozen=True)
class PackageSpec:
    """The test files of one folder."""

    folder: str
    """Relative to the module's root, `.` for the root itself."""
    package: str
    """The package clause of the file with TestMain, or of the first file, such as `paths_test`."""
    tests: tuple[str, ...]
    main: str | None
    """The file that declares a TestMain, if one does."""


def read_spec(
    files: Mapping[str, PinnedFile], built: Mapping[str, Sequence[str]] | None = None
) -> dict[str, PackageSpec]:
    """The packages that have test functions, by folder.

    `built` holds the test files that belong to the build, by folder, as the go command lists them. Without it, they are
    known by their names alone.
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
    tests = [name for names in declared.values() for name, given in names.items() if _is_test(name, given)]
    mains = [path for path, names in declared.items() if OWN_MAIN in names and names[OWN_MAIN][-1:] == ["M"]]
    main = next(iter(mains), None)
    return PackageSpec(folder, package_name(sources[main or paths[0]]), tuple(tests), main)


def _is_test(name: str, parameters: list[str]) -> bool:
    """As Go has it: Test, then nothing or no lower-case letter, and one parameter of type *testing.T."""
    rest = name.removeprefix("Test")
    return name.startswith("Test") and not rest[:1].islower() and "*" in parameters and parameters[-1] == "T"


def _is_ignored(path: str) -> bool:
    """Whether Go leaves the file out of `./...`: for its own name, or that of a folder on the way."""
    parts = PurePosixPath(path).parts
    return any(part.startswith((".", "_")) or part == "testdata" for part in parts) or "vendor" in parts[:-1]
