"""What a verification has found out about one package, and whether that will be true of the same files again."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.gate.binaries import Build, TestedPackage
from harness.gate.events import MOST_LOG, PackageEvents
from harness.gate.module import folder_of
from harness.sandbox.output import Clip

WITHIN = re.compile(r".* \[(.+)\.test\]")
"""How go names what it builds for the tests of a package: `a/b_test [a/b.test]`."""


@dataclass
class PackageResult:
    """What is known of one package."""

    key: str
    """Of the files that it was found out about."""
    unfit: bool
    """Whether it could not be built, or was objected to by vet."""
    told: dict[str, str]
    """What go test told while it was built, by the unit that it named."""
    tested: TestedPackage | None = None

    @property
    def lasting(self) -> bool:
        """Not if time ran out or another package's tests interfered: that says nothing about the files."""
        return self.tested is None or not (self.tested.timed_out or self.tested.swapped)


def find(
    built: Build, tested: Mapping[str, TestedPackage], keys: Mapping[str, str], module: str
) -> dict[str, PackageResult]:
    """What a build and the tests after it came to, for each folder that anything was told of."""
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


def explained(built: Build, found: Iterable[PackageResult]) -> bool:
    """Whether what go test said as a whole follows from what was found of the packages."""
    failed = built.finished.exit_code != 0 or built.events.failed
    return not built.finished.timed_out and failed == any(one.unfit for one in found)


def log(found: Iterable[PackageResult]) -> str:
    """What go test would have shown of them: first what was not built, then how the tests went, each in order."""
    packages = list(found)
    ran = {one.tested.import_path: one.tested.console for one in packages if one.tested}
    told = {unit: text for one in packages for unit, text in one.told.items()} | ran
    clip = Clip(MOST_LOG)
    for unit in sorted(told, key=lambda unit: (unit in ran, unit)):
        clip.feed(told[unit].encode())
    return clip.text()


def stray(built: Build, found: Iterable[PackageResult]) -> str:
    """What go test told of no package of the module, such as a module file that it cannot read."""
    attributed = {unit for one in found for unit in one.told}
    return "".join(text.text() for unit, text in built.logs.items() if unit not in attributed)


def _package(unit: str) -> str:
    within = WITHIN.fullmatch(unit)
    return within[1] if within else unit.removesuffix(".test")


def _failed(built: Build, unit: str) -> bool:
    package = built.events.packages.get(unit, PackageEvents())
    return unit in built.events.failed_builds or bool(package.failed) or package.ended == "fail"
