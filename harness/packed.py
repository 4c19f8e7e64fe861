"""Data folders outside the modules: inside this package in a wheel, beside it in a checkout."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def packed(name: str) -> Path:
    """Return the folder `conf` or `examples`."""
    inside = PACKAGE / f"_{name}"
    return inside if inside.is_dir() else PACKAGE.parent / name
