"""Results of single packages, cached until one of their inputs changes.

`harness.toolchains.go.inputs` computes the cache keys.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.sandbox.output import Clip
from harness.toolchains.go.binaries import Build, TestedPackage
from harness.toolchains.go.events import MOST_LOG, PackageEvents
from harness.toolchains.go.module import folder_of

WITHIN = re.compile(r".* \[(.+)\.test\]")
"""Name of a package that Go builds for the tests of another: `a/b_test [a/b.test]`."""


@dataclass
class PackageResult:
    """Build output and test result of one package."""

    key: str
    """Cache key: a hash of all files that the result depends on."""
    unfit: bool
    """True if the package could not be built, or vet objected."""
    output: dict[str, str]
    """Output of the build, by the unit that `go test` names (package or test variant)."""
    tested: TestedPackage | None = None

    @property
    def lasting(self) -> bool:
        """Return False after a timeout or a replaced binary, which say nothing about the files."""
        return self.tested is None or not (self.tested.timed_out or self.tested.swapped)


def package_results(
    built: Build, tested: Mapping[str, TestedPackage], keys: Mapping[str, str], module: str
) -> dict[str, PackageResult]:
    """Return the result of each package that the build mentions, by folder."""
    units: dict[str, list[str]] = {}
    for unit in (*built.logs, *built.events.packages, *built.events.failed_builds):
        folder = folder_of(_package(unit), module)
        if folder is not None and folder in keys:
            units.setdefault(folder, []).append(unit)
    return {
        folder: PackageResult(
            keys[folder],
            any(_failed(built, unit) for unit in named),
            {unit: built.logs[unit].text() for unit in named if unit in built.logs},
            tested.get(folder),
        )
        for folder, named in units.items()
    }


def explained(built: Build, results: Iterable[PackageResult]) -> bool:
    """Return True if the results of the packages explain the exit status of the build."""
    failed = built.finished.exit_code != 0 or built.events.failed
    return not built.finished.timed_out and failed == any(one.unfit for one in results)


def log(results: Iterable[PackageResult]) -> str:
    """Return the output as `go test` would have shown it: first the builds, then the tests, each in order."""
    packages = list(results)
    ran = {one.tested.import_path: one.tested.console for one in packages if one.tested}
    output = {unit: text for one in packages for unit, text in one.output.items()} | ran
    clip = Clip(MOST_LOG)
    for unit in sorted(output, key=lambda unit: (unit in ran, unit)):
        clip.feed(output[unit].encode())
    return clip.text()


def stray(built: Build, results: Iterable[PackageResult]) -> str:
    """Return output of the build that belongs to no package, such as a complaint about go.mod."""
    attributed = {unit for one in results for unit in one.output}
    return "".join(text.text() for unit, text in built.logs.items() if unit not in attributed)


def _package(unit: str) -> str:
    within = WITHIN.fullmatch(unit)
    return within[1] if within else unit.removesuffix(".test")


def _failed(built: Build, unit: str) -> bool:
    package = built.events.packages.get(unit, PackageEvents())
    return unit in built.events.failed_builds or bool(package.failed) or package.ended == "fail"
