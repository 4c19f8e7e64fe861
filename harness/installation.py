"""Installation of this program: its data folders, and the commit of a checkout."""

import subprocess
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """Return the folder `conf` or `examples`: inside this package in a wheel, beside it in a checkout."""
    inside = PACKAGE / f"_{name}"
    return inside if inside.is_dir() else PACKAGE.parent / name


@cache
def source_state() -> tuple[str | None, bool | None]:
    """Return the commit of the checkout that this program runs from, and whether it has uncommitted changes.

    Both are None for an installed package, which has a version instead.
    """
    root = PACKAGE.parent
    if not (root / ".git").exists():
        return None, None
    commit = _git(root, "rev-parse", "HEAD")
    status = _git(root, "status", "--porcelain", "--untracked-files=no")
    return commit or None, None if status is None else bool(status)


def _git(root: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
