"""Where the folders lie that are no modules: in a wheel inside this package, in a checkout beside it."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def packed(name: str) -> Path:
    """The folder of that name: `conf` or `examples`."""
    inside = PACKAGE / f"_{name}"
    return inside if inside.is_dir() else PACKAGE.parent / name
