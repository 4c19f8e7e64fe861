"""Shared by the tests of split verification in JavaScript: a workspace, its spec, and the verifier over them."""

import textwrap
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from harness.gate.pins import PinnedFile, Pins
from harness.gate.verdict import Verdict, Verifier
from harness.sandbox.base import SandboxError
from harness.sandbox.process import USUAL_LIMITS, ProcessLimits
from harness.sandbox.select import open_sandbox
from harness.toolchains.javascript.files import JAVASCRIPT_FILES
from harness.toolchains.javascript.toolchain import JavaScriptToolchain

Sources = dict[str, str]
VerifySources = Callable[..., Verdict]

COMMAND = ("node", "--test")


def lay_sources(root: Path, files: Sources) -> Pins:
    """Write files; return the pins of those that are the spec."""
    pinned = {}
    for name, text in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))
        if JAVASCRIPT_FILES.is_pinned(PurePosixPath(name)):
            pinned[name] = PinnedFile(target.read_bytes(), 0o644)
            target.chmod(0o644)
    return Pins(pinned)


def node_verifier(
    folder: Path, files: Sources, *, sandbox: str = "none", timeout: float = 60, limits: ProcessLimits = USUAL_LIMITS
) -> Verifier:
    """Return the verifier over a workspace with these files, in the folder `folder`/workspace."""
    root = folder / "workspace"
    pins = lay_sources(root, files)
    toolchain = JavaScriptToolchain()
    try:
        environment = toolchain.environment
    except SandboxError as error:
        pytest.skip(str(error))
    confined = open_sandbox(sandbox, environment, folder / "scratch", root, limits=limits)
    return toolchain.verifier(COMMAND, sandbox=confined, root=root, timeout=timeout, pins=pins)


@pytest.fixture
def verify_sources(tmp_path: Path) -> VerifySources:
    """Verifies a workspace with the given files."""

    def verified(files: Sources, added: Sources | None = None, **options: object) -> Verdict:
        """`added` are files that the model writes after the spec was read."""
        made = node_verifier(tmp_path, files, **options)  # type: ignore[arg-type]
        lay_sources(tmp_path / "workspace", added or {})
        return made.verify()

    return verified
