"""Shared by the tests of split verification: a workspace, its spec, and the verifier over them."""

import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import pytest

from harness.gate.pins import PinnedFile, Pins
from harness.gate.verdict import Verdict
from harness.sandbox.environment import PlainEnvironment
from harness.sandbox.process import USUAL_LIMITS, ProcessLimits
from harness.sandbox.select import open_sandbox
from harness.toolchains.python.files import PYTHON_FILES
from harness.toolchains.python.interpreter import find_python
from harness.toolchains.python.spec import read_spec
from harness.toolchains.python.split import PythonSides
from harness.toolchains.split.verifier import SplitVerifier

Files = dict[str, str]
Verify = Callable[..., Verdict]


def lay(root: Path, files: Files) -> Pins:
    """Write files; return the pins of those that are the spec."""
    pinned = {}
    for name, text in files.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))
        if PYTHON_FILES.is_pinned(PurePosixPath(name)):
            pinned[name] = PinnedFile(target.read_bytes(), 0o644)
            target.chmod(0o644)
    return Pins(pinned)


def verifier(
    folder: Path,
    files: Files,
    *,
    sandbox: str = "none",
    python: str = "",
    arguments: Sequence[str] = (),
    timeout: float = 60,
    limits: ProcessLimits = USUAL_LIMITS,
) -> SplitVerifier:
    """Return the verifier over a workspace with these files, in the folder `folder`/workspace."""
    root = folder / "workspace"
    pins = lay(root, files)
    installation = find_python(python)
    environment = PlainEnvironment((installation.python.parent,), installation.readable)
    confined = open_sandbox(sandbox, environment, folder / "scratch", root, limits=limits)
    spec = read_spec(installation, pins, arguments, confined, folder / "room")
    sides = PythonSides(installation, arguments, confined)
    return SplitVerifier(root, pins, spec, sides, base=folder / "room", timeout=timeout)


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    """Verifies a workspace with the given files."""

    def verified(files: Files, added: Files | None = None, **options: object) -> Verdict:
        """`added` are files that the model writes after the spec was read."""
        made = verifier(tmp_path, files, **options)  # type: ignore[arg-type]
        lay(tmp_path / "workspace", added or {})
        return made.verify()

    return verified
