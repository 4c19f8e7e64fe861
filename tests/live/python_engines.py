"""Servers that are Python packages, each installed into an environment of its own in the cache.

    python tests/live/python_engines.py

installs those of real_model.toml that are not there yet. It goes on where one cannot be installed: tests skip that one.
"""

import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from real_model import PINS, UnsupportedError, cache

DONE = "installed"
"""File that an environment has once everything is in it."""


def environment(name: str) -> Path:
    """The folder of the programs of an engine. Raises UnsupportedError where it is not installed."""
    folder = _folder(name)
    if not (folder / DONE).exists():
        raise UnsupportedError(f"{name}: not installed; make test-real installs it where it can be")
    return folder / "bin"


def install(name: str) -> None:
    """Install an engine. Raises subprocess.CalledProcessError if it cannot be."""
    folder = _folder(name)
    if (folder / DONE).exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PINS["engines"][name]["requirements"]], check=True)
    (folder / DONE).touch()


def _folder(name: str) -> Path:
    """Named by its requirements too, so that new pins make a new environment."""
    requirements = " ".join(PINS["engines"][name]["requirements"])
    return cache() / "engines" / f"{name}-{hashlib.sha256(requirements.encode()).hexdigest()[:12]}"


def main() -> None:
    """Install every engine that can be installed here."""
    for name in PINS["engines"]:
        try:
            install(name)
        except subprocess.CalledProcessError as error:
            print(
                f"python_engines: {name} cannot be installed here (pip: exit code {error.returncode})", file=sys.stderr
            )


if __name__ == "__main__":
    main()
