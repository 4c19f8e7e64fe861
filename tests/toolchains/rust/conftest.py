"""Shared by the tests of Rust: a crate with its spec, and the verifier over them."""

import textwrap
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from harness.gate.pins import PinnedFile, Pins
from harness.gate.verdict import Verdict, Verifier
from harness.sandbox.base import SandboxError
from harness.sandbox.select import open_sandbox
from harness.toolchains.rust.files import RUST_FILES
from harness.toolchains.rust.installation import RustInstallation, find_rust
from harness.toolchains.rust.toolchain import RustToolchain

Sources = dict[str, str]
VerifySources = Callable[..., Verdict]

COMMAND = ("cargo", "test")
MANIFEST = '[package]\nname = "double-up"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n'


def pins_of(files: Sources) -> Pins:
    """Return the pins of a crate's spec and settings."""
    texts = {"Cargo.toml": MANIFEST} | files
    pinned = {name: text for name, text in texts.items() if RUST_FILES.is_pinned(PurePosixPath(name))}
    return Pins({name: PinnedFile(textwrap.dedent(text).encode(), 0o644) for name, text in pinned.items()})


def require_rust() -> RustInstallation:
    """Return the Rust of this machine; skip the test, by name, where there is none."""
    try:
        return find_rust()
    except SandboxError as error:
        pytest.skip(str(error))


def rust_verifier(
    folder: Path, files: Sources, *, sandbox: str = "none", timeout: float = 120, command: tuple[str, ...] = COMMAND
) -> Verifier:
    """Return the verifier over a crate with these files, in the folder `folder`/workspace."""
    require_rust()
    root = folder / "workspace"
    for name, text in ({"Cargo.toml": MANIFEST} | files).items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))
        target.chmod(0o644)
    toolchain = RustToolchain()
    confined = open_sandbox(sandbox, toolchain.environment, folder / "scratch", root)
    return toolchain.verifier(command, sandbox=confined, root=root, timeout=timeout, pins=pins_of(files))


@pytest.fixture
def verify_sources(tmp_path: Path) -> VerifySources:
    """Verifies a crate with the given files."""

    def verified(files: Sources, **options: object) -> Verdict:
        return rust_verifier(tmp_path, files, **options).verify()  # type: ignore[arg-type]

    return verified
