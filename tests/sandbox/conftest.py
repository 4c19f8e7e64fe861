"""What the tests of the sandbox share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.installation import GoInstallation, default_build_cache, find_go


@pytest.fixture(scope="session")
def toolchain() -> GoInstallation:
    return find_go()


@pytest.fixture
def sandbox(toolchain: GoInstallation, tmp_path: Path) -> LocalSandbox:
    return LocalSandbox(toolchain, tmp_path / "scratch", default_build_cache())


@pytest.fixture
def go_program(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a Go module with one main program and returns its folder."""

    def write(source: str) -> Path:
        folder = tmp_path / "program"
        folder.mkdir()
        (folder / "go.mod").write_text("module program\n\ngo 1.26\n")
        (folder / "main.go").write_text(source)
        return folder

    return write
