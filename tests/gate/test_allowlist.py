"""docs/gate.md shows the allowlist that is held against code, and the lists name what there is."""

import re
from pathlib import Path

import pytest

from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.allowlist import METHODS, NAMES, PACKAGES, UNNAMED, as_table
from harness.toolchains.go.installation import GoInstallation

PAGE = Path(__file__).parents[2] / "docs" / "gate.md"


def test_the_page_shows_the_list() -> None:
    """The table is the allowlist's own, name by name."""
    assert as_table() in PAGE.read_text()


def test_no_door_is_on_a_list() -> None:
    """What makes pointers, functions by index or tables of tests is allowed nowhere."""
    names = {f"{of}.{name}" for of, listed in (NAMES | METHODS).items() for name in listed.split()}
    doors = (
        "reflect.NewAt",
        "reflect.SliceAt",
        "testing.MainStart",
        "syscall.RawSyscall",
        "runtime/debug.WriteHeapDump",
    )
    assert not names & {*doors, *(f"{of}.{name}" for of in METHODS for name in UNNAMED)}
    assert not {"unsafe", "plugin", "C", "runtime/cgo"} & set(PACKAGES.split())


@pytest.mark.go
def test_every_package_is_one_of_the_toolchain(
    sandbox: LocalSandbox, toolchain: GoInstallation, tmp_path: Path
) -> None:
    """No package of the list is misspelt, and none of them is internal."""
    listed = sandbox.run([str(toolchain.go), "list", "std"], cwd=tmp_path, timeout=60, max_output=1 << 16)
    assert set() == set(PACKAGES.split()) - set(listed.output.split())
    assert [] == [path for path in PACKAGES.split() if re.search(r"\binternal\b", path)]
