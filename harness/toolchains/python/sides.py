"""Start of the two sides of a split verification in the interpreter of a task."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from harness.sandbox.base import Sandbox
from harness.sandbox.confined import ConfinedSandbox
from harness.sandbox.environment import cache_folder
from harness.toolchains.python.interpreter import PythonInstallation

INSIDE = Path(__file__).with_name("splitgate")
"""Code that runs in the interpreter of the task. It is copied to the cache with its byte code, and read from there."""
BOOT = (
    "import os, sys; here = sys.argv.pop(1); sys.path[:] = [here] + [path for path in sys.path if "
    "path.startswith((sys.prefix + '/', sys.base_prefix + '/')) or "
    "os.path.basename(path) in ('site-packages', 'dist-packages')]; "
    "sys.meta_path[:] = [one for one in sys.meta_path if one.__class__ is type]; "
    "from splitgate.{name} import main; sys.path.remove(here); main()"
)
"""Only the standard library and installed packages can be imported: a package that is installed as a link to its folder
could be the workspace itself."""


def command_of(installation: PythonInstallation, name: str, arguments: Sequence[str]) -> list[str]:
    """Return the command that starts a side: `trusted`, or `zygote` for that of the code."""
    folder = inside(installation.python, installation.version)
    return [str(installation.python), "-I", "-c", BOOT.format(name=name), str(folder), *arguments]


def over(sandbox: Sandbox, root: Path, installation: PythonInstallation) -> Sandbox:
    """Return the sandbox over another folder, with the code of the two sides in sight."""
    other = sandbox.over(root)
    folder = inside(installation.python, installation.version)
    return other.seeing(folder) if isinstance(other, ConfinedSandbox) else other


@cache
def inside(python: Path, version: str) -> Path:
    """Return the folder of the code that runs in an interpreter, with byte code of its version."""
    sources = sorted(INSIDE.glob("*.py"))
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    folder = cache_folder() / "split" / f"{digest}-{version}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent))
        (made / "splitgate").mkdir()
        for path in sources:
            shutil.copy(path, made / "splitgate" / path.name)
        compiling = ["-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(made)]
        subprocess.run([str(python), *compiling], check=False, capture_output=True, env={})
        try:
            made.rename(folder)
        except OSError:  # another process was faster
            shutil.rmtree(made)
    return folder
