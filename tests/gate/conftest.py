"""What the tests of the gate share: small Go modules and the verifier over them."""

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.gate import Verdict
from harness.sandbox.local import LocalSandbox
from harness.toolchains.go.gotest import GoTestVerifier
from harness.toolchains.go.installation import GoInstallation, default_build_cache, find_go

Write = Callable[[dict[str, str]], Path]
Verify = Callable[..., Verdict]


@pytest.fixture(scope="session")
def toolchain() -> GoInstallation:
    return find_go()


@pytest.fixture
def sandbox(toolchain: GoInstallation, tmp_path: Path) -> LocalSandbox:
    return LocalSandbox(toolchain, tmp_path / "scratch", default_build_cache())


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files, given by path, into a Go module `example/m`; returns its folder."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "module"
        for path, text in {"go.mod": "module example/m\n\ngo 1.26\n", **files}.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(textwrap.dedent(text))
        return root

    return write


@pytest.fixture
def verify(toolchain: GoInstallation, sandbox: LocalSandbox) -> Verify:
    """Runs the gate's `go test` over a folder."""

    def verify(root: Path, *args: str, timeout: float = 120) -> Verdict:
        return GoTestVerifier(sandbox, toolchain.go, root, args or ("./...",), timeout).verify()

    return verify
