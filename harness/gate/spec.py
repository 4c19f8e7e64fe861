"""What a spec demands, read from its pristine bytes: which test functions of which packages must pass."""

from collections.abc import Mapping
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
    """The package clause of the first file, such as `paths_test`."""
    tests: tuple[str, ...]
    main: str | None
    """The file that declares a TestMain, if one does."""


def read_spec(files: Mapping[str, PinnedFile]) -> dict[str, PackageSpec]:
    """The packages that have test functions, by folder."""
    folders: dict[str, list[str]] = {}
    for path in sorted(files):
        if path.endswith("_test.go") and not _is_ignored(path):
            folders.setdefault(str(PurePosixPath(path).parent), []).append(path)
    specs = (_package(folder, paths, files) for folder, paths in folders.items())
    return {spec.folder: spec for spec in specs if spec.tests}


def _package(folder: str, paths: list[str], files: Mapping[str, PinnedFile]) -> PackageSpec:
    sources = {path: tokens(files[path].content.decode(errors="replace")) for path in paths}
    declared = {path: dict(functions(source)) for path, source in sources.items()}
    tests = [name for names in declared.values() for name, given in names.items() if _is_test(name, given)]
    mains = [path for path, names in declared.items() if OWN_MAIN in names and names[OWN_MAIN][-1:] == ["M"]]
    return PackageSpec(folder, package_name(sources[paths[0]]), tuple(tests), next(iter(mains), None))


def _is_test(name: str, parameters: list[str]) -> bool:
    """As Go has it: Test, then nothing or no lower-case letter, and one parameter of type *testing.T."""
    rest = name.removeprefix("Test")
    return name.startswith("Test") and not rest[:1].islower() and "*" in parameters and parameters[-1] == "T"


def _is_ignored(path: str) -> bool:
    """Whether Go leaves the file out of `./...`: for its own name, or that of a folder on the way."""
    parts = PurePosixPath(path).parts
    return any(part.startswith((".", "_")) or part == "testdata" for part in parts) or "vendor" in parts[:-1]
